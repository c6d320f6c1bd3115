import { dirname, join } from 'node:path';

export interface Source {
  readonly path: string;
  readonly text: string;
}

interface Breach {
  readonly rule: 'upward' | 'neighbour' | 'mock' | 'home' | 'world' | 'writer' | 'any' | 'packed';
  readonly where: string;
}

/** The floors from the ground up; a file imports what is below it, and its own room. */
export const floors: readonly (readonly string[])[] = [
  ['errors', 'host', 'files', 'text'],
  ['output', 'http', 'terminal', 'sandbox'],
  ['profiles', 'api'],
  ['cli', 'github'],
  ['people'],
  ['mail'],
  ['membership', 'completion', 'doctor', 'help'],
  ['reports'],
  ['commands'],
  ['program', 'main'],
];

/** What starts the imitation of the API; nothing else imports it. */
const starters = /^src\/(?:commands\/sandbox|cli\/connection\.ts)/;

/** Heavy packages, and the only places that may name them. */
const homes: Readonly<Record<string, readonly string[]>> = {
  undici: ['src/http/'],
  conf: ['src/profiles/'],
  inquirer: ['src/terminal/prompt.ts'],
  '@inquirer': ['src/terminal/picker.ts'],
  chalk: ['src/output/style.ts'],
  'cli-table3': ['src/output/'],
  yaml: ['src/output/yaml.ts', 'src/people/yaml.ts'],
  'csv-stringify': ['src/output/csv.ts'],
  'csv-parse': ['src/people/table.ts'],
  'jsonc-parser': ['src/people/json.ts'],
  leven: ['src/text/suggest.ts'],
  commander: [
    'src/commands/',
    'src/program.ts',
    'src/main.ts',
    'src/cli/',
    'src/membership/',
    'src/completion/',
    'src/help/',
  ],
};

const worldly =
  /\b(?:process\s*[.[]|console\s*\.|Date\.now\b|new Date\(\)|Math\.random\b|setTimeout\(|setInterval\()|(?<![.\w])fetch\(|['"](?:node:)?process['"]/;

/** The rooms that write files. Of the others none imports a function of `node:fs` that opens, changes or removes one. */
const writers = ['files', 'host', 'sandbox'];

const readers =
  /^(?:existsSync|readFileSync|readdirSync|realpathSync|readlinkSync|statSync|lstatSync|constants|type \w+)$/;

/** Everything that a file does against the rules of the house. */
export function breaches(source: Source): Breach[] {
  const code = withoutComments(source.text);
  const plain = withoutStrings(code);
  return [
    ...importBreaches(source.path, code),
    ...worldBreaches(source.path, code),
    ...writerBreaches(source.path, code),
    ...(/(?::\s*any\b|\bas any\b|<any>)/.test(plain) ? [{ rule: 'any' as const, where: source.path }] : []),
    // The compiler does not see which properties of it are misspelled.
    ...(/\.\.\.\{/.test(plain) ? [{ rule: 'packed' as const, where: source.path }] : []),
  ];
}

function importBreaches(path: string, code: string): Breach[] {
  return importsOf(code).flatMap((name): Breach[] => {
    if (!name.startsWith('.')) return homeBreaches(path, name);
    const target = join(dirname(path), name);
    const from = roomOf(path);
    const to = roomOf(target);
    if (from === to || to === undefined) return [];
    if (to === 'sandbox' && !starters.test(path)) return [{ rule: 'mock', where: `${path} imports ${target}` }];
    if (floorOf(to) > floorOf(from)) return [{ rule: 'upward', where: `${path} imports ${target}` }];
    // The ground floor and the top are one company each.
    const shared = ['errors', 'cli', 'main'].some((room) => floorOf(room) === floorOf(to));
    return floorOf(to) === floorOf(from) && !shared ? [{ rule: 'neighbour', where: `${path} imports ${target}` }] : [];
  });
}

function homeBreaches(path: string, name: string): Breach[] {
  const home = homes[name.split('/')[0] ?? ''];
  if (home === undefined || home.some((place) => path.startsWith(place))) return [];
  return [{ rule: 'home', where: `${path} imports ${name}` }];
}

function worldBreaches(path: string, code: string): Breach[] {
  if (path === 'src/host.ts') return [];
  const found = worldly.exec(withoutStrings(code)) ?? /(?:from|import)\s*\(?['"](?:node:)?process['"]/.exec(code);
  return found === null ? [] : [{ rule: 'world', where: `${path}: ${found[0]}` }];
}

function writerBreaches(path: string, code: string): Breach[] {
  if (writers.includes(roomOf(path) ?? '')) return [];
  const named = [...code.matchAll(/import\s+(?!type\b)([^;]*?)\s+from\s+'node:fs[^']*'/g)].map(
    ([, names = '']) => names,
  );
  const isReader = (names: string) =>
    /^\{[^}]*\}$/.test(names) && [...names.matchAll(/[^{},\s][^{},]*/g)].every(([name]) => readers.test(name.trim()));
  return named.every(isReader) ? [] : [{ rule: 'writer', where: path }];
}

/** Every module named: `from 'x'`, `import 'x'`, `import('x')`. */
function importsOf(code: string): string[] {
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name = '']) => name);
}

function roomOf(path: string): string | undefined {
  return /^src\/([\w-]+)/.exec(path)?.[1];
}

function floorOf(room: string | undefined): number {
  const floor = floors.findIndex((rooms) => rooms.includes(room ?? ''));
  if (floor < 0) throw new Error(`the room "${room}" stands on no floor`);
  return floor;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

function withoutStrings(code: string): string {
  return code.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, "''");
}
