import type { View } from '../output/view.ts';
import type { Report } from './report.ts';

const fields: readonly (keyof Report)[] = [
  ...(['generated_at', 'total', 'by_state', 'pending_by_age', 'expiring', 'time_to_acceptance'] as const),
  ...(['by_domain', 'by_inviter', 'organization', 'generated_by', 'people_by_state', 'administrators'] as const),
  ...(['api_key_owners', 'without_roles', 'pending', 'expired', 'not_shown'] as const),
];

/** The report as one object, for json, ndjson and yaml. */
export const reportView: View<Report> = {
  fields,
  times: ['generated_at'],
  columns: [],
  csv: fields,
  block: fields,
  record: (report) => ({ ...report }),
  id: () => undefined,
};

/** One number of the report, as a row of csv. */
interface Figure {
  readonly section: keyof Report;
  readonly name: string;
  /** Empty if the number covers all states. */
  readonly state: string;
  readonly value: number | null;
}

type Counts = Readonly<Record<string, number | null>>;

const figureColumns = ['section', 'name', 'state', 'value'];

export const figureView: View<Figure> = {
  ...{ fields, times: [], columns: [], csv: figureColumns, block: figureColumns },
  record: (figure) => ({ ...figure }),
  id: () => undefined,
};

/** Every number of the report, or those of the requested fields. */
export function figuresOf(report: Report, requested: readonly string[] = fields): Figure[] {
  const figure = (section: keyof Report, value: number | null, name = '', state = ''): Figure => {
    return { section, name, state, value };
  };
  /** A number for each state, or a number for each name. */
  const byState = (section: keyof Report, counts: Counts = {}, name = '') =>
    Object.entries(counts).map(([state, value]) => figure(section, value, name, state));
  const byName = (section: keyof Report, counts: Counts, state = '') =>
    Object.entries(counts).map(([name, value]) => figure(section, value, name, state));
  const group = (section: keyof Report, name: string, total: number, counts: Counts) => [
    figure(section, total, name),
    ...byState(section, counts, name).filter(({ value }) => value !== 0),
  ];
  const lists = ['administrators', 'api_key_owners', 'without_roles', 'pending', 'expired'] as const;
  const { not_shown = {} } = report;
  return [
    figure('total', report.total),
    ...byState('by_state', report.by_state),
    ...report.pending_by_age.map(({ age, count }) => figure('pending_by_age', count, age, 'pending')),
    figure('expiring', report.expiring.length, 'within 7 days', 'pending'),
    ...byName('time_to_acceptance', { ...report.time_to_acceptance }, 'accepted'),
    ...report.by_domain.flatMap(({ domain, total, ...counts }) => group('by_domain', domain, total, counts)),
    ...report.by_inviter.flatMap(({ creator, total, ...counts }) => group('by_inviter', creator, total, counts)),
    ...byState('people_by_state', report.people_by_state),
    ...lists.flatMap((section) => {
      const list = report[section];
      return list === undefined ? [] : [figure(section, list?.length ?? null)];
    }),
    ...(not_shown === null ? [figure('not_shown', null)] : byName('not_shown', { ...not_shown })),
  ].filter(({ section }) => requested.includes(section));
}
