import { durationInWords } from '../durations.ts';
import { states } from '../invitations/invitation.ts';
import type { Group, Report } from './report.ts';

/** A part of the report as a person reads it: a table, or a sentence. */
export interface Section {
  /** The field of the report that it shows. */
  readonly field: keyof Report;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
  /** Said instead of a table without rows, or beside it. */
  readonly note?: string;
}

export interface Row {
  readonly cells: readonly string[];
  /** What a bar shows, for tables that have one. */
  readonly count?: number;
}

/** @param sayTime How a time is written: in words for a person, as the API sent it for others. */
export function sectionsOf(report: Report, sayTime: (time: string) => string): Section[] {
  const sections: Section[] = [
    { field: 'by_state', title: 'State', head: ['STATE', 'COUNT'], rows: counted(Object.entries(report.by_state)) },
    {
      field: 'pending_by_age',
      title: 'Pending, by age',
      head: ['AGE', 'COUNT'],
      rows: counted(report.pending_by_age.map(({ age, count }) => [age, count])),
    },
    expiring(report, sayTime),
    acceptance(report),
    { ...groups(report.by_domain.map(({ domain, ...group }) => [domain, group])), field: 'by_domain', title: 'Domain' },
    {
      ...groups(report.by_inviter.map(({ creator, ...group }) => [creator, group])),
      field: 'by_inviter',
      title: 'Inviter',
    },
  ];
  return sections.filter(({ rows, note }) => rows.length > 0 || note !== undefined);
}

/** What ought not to happen is only shown where it does. */
function counted(counts: readonly (readonly [string, number])[]): Row[] {
  const shown = counts.filter(([name, count]) => name !== 'unknown' || count > 0);
  return shown.map(([name, count]) => ({ cells: [name, String(count)], count }));
}

function expiring({ expiring: soon }: Report, sayTime: (time: string) => string): Section {
  const rows = soon.map(({ id, email, expires_at }) => ({ cells: [id, email, sayTime(expires_at)] }));
  const title = 'Expiring in the next 7 days';
  const head = ['ID', 'EMAIL', 'EXPIRES'];
  return { field: 'expiring', title, head, rows, ...(rows.length === 0 ? { note: 'none' } : {}) };
}

function acceptance({ time_to_acceptance: { count, median_seconds, p90_seconds } }: Report): Section {
  const rows = [
    ['median', median_seconds],
    ['9 of 10 within', p90_seconds],
  ] as const;
  const common = { field: 'time_to_acceptance', title: 'Time to acceptance', head: ['', 'TIME'] } as const;
  if (median_seconds === null) return { ...common, rows: [], note: 'nobody has accepted yet' };
  return {
    ...common,
    rows: rows.map(([name, seconds]) => ({ cells: [name, durationInWords((seconds ?? 0) * 1000)] })),
    note: `measured over ${count} that were accepted`,
  };
}

/** A row for each name, with a column for every state that occurs at all. */
function groups(named: readonly (readonly [string, Group])[]): Pick<Section, 'head' | 'rows'> {
  const shown = states.filter((state) => named.some(([, group]) => group[state] > 0));
  return {
    head: ['NAME', 'TOTAL', ...shown.map((state) => state.toUpperCase())],
    rows: named.map(([name, group]) => ({
      cells: [name, ...[group.total, ...shown.map((state) => group[state])].map(String)],
      count: group.total,
    })),
  };
}
