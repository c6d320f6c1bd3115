import { shortPlace } from '../api/crn.ts';
import { CliError } from '../errors.ts';
import type { ColumnMapping, ScopePart } from './columns.ts';
import { cellText } from './record.ts';

/** Which part of a scope a text is. */
export function partIn(text: string): ScopePart | undefined {
  if (/^env-[A-Za-z0-9]+$/.test(text)) return 'environment';
  if (/^(?:lkc|lsrc|lksqlc)-[A-Za-z0-9]+$/.test(text)) return 'cluster';
  if (/^crn:\/\/\S+$/.test(text) || /^env-[A-Za-z0-9]+\/\S+$/.test(text)) return 'scope';
  if (/^environment=\S+$/.test(text)) return 'scope';
  return /^[a-z][a-z-]*=\S+$/i.test(text) ? 'resource' : undefined;
}

/** The scope of a row: of one column, or of environment, cluster and resource together. Throws `usage`. */
export function scopeIn(cells: readonly unknown[], columns: ColumnMapping['scope']): string | undefined {
  const parts = new Map<ScopePart, string>();
  for (const { part, at } of columns) {
    const text = cellText(cells[at]);
    if (text === '' || text === '-') continue;
    // `env-abc` in a column that is called "scope" or "Bereich" is an environment all the same.
    const kind = part === 'scope' ? (partIn(text) ?? 'scope') : part;
    if (!parts.has(kind)) parts.set(kind, text);
  }
  if (parts.size === 0) return undefined;
  const whole = parts.get('scope');
  return whole === undefined ? joined(parts) : (shortPlace(whole) ?? whole);
}

function joined(parts: ReadonlyMap<ScopePart, string>): string | undefined {
  const [environment, cluster, resource] = [parts.get('environment'), parts.get('cluster'), resourceIn(parts)];
  if (environment === undefined && cluster === undefined) {
    if (resource === undefined) return undefined;
    throw new CliError('usage', `"${resource}" is not a scope without its environment and cluster`);
  }
  if (environment === undefined) throw new CliError('usage', `"${cluster}" is not a scope without its environment`);
  if (cluster === undefined && resource !== undefined)
    throw new CliError('usage', `"${resource}" is not a scope without its cluster`);
  return [environment, cluster, resource].filter((part) => part !== undefined).join('/');
}

/** `topic=orders`, also from a type and a name, with `*` for a prefix. */
function resourceIn(parts: ReadonlyMap<ScopePart, string>): string | undefined {
  const [type, name, whole] = [parts.get('resource_type'), parts.get('resource_name'), parts.get('resource')];
  const star = parts.get('pattern')?.toLowerCase() === 'prefixed' && !name?.endsWith('*') ? '*' : '';
  const topic = parts.get('topic');
  if (topic !== undefined && whole === undefined && name === undefined) return topicIn(topic);
  if (name !== undefined && type !== undefined) return `${type.toLowerCase()}=${name}${star}`;
  if (whole === undefined) {
    if (name === undefined) return undefined;
    throw new CliError('usage', `the resource "${name}" has no type such as topic`);
  }
  const text = whole.replace(/^([A-Za-z-]+)\s*[:=]\s*/, (_, kind: string) => `${kind.toLowerCase()}=`);
  if (text.includes('=')) return text;
  throw new CliError('usage', `the resource "${whole}" is not of the form topic=orders`);
}

function topicIn(text: string): string {
  if (/[\s,;]/.test(text)) throw new CliError('usage', `"${text}" is not one topic; write a row for each`);
  return text.includes('=') ? text : `topic=${text}`;
}

/** Whether a text names, among other words, something that a role can be for. */
export function namesPart(text: string): boolean {
  return /\b(?:env|lkc|lsrc|lksqlc)-[a-z0-9]{3,}\b|\bcrn:\/\/|\b(?:topic|subject|group|environment|cloud-cluster)=\S|\b(?:only|nur|seulement|solo|solamente|somente|soltanto|alleen|tylko)\b.*\b(?:topics?|clusters?|env|environments?|umgebung|entorno|ambiente|environnement)\b/i.test(
    text,
  );
}
