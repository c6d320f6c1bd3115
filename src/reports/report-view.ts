import { states } from '../api/invitation.ts';
import type { View } from '../output/view.ts';
import type { Group, Report } from './report.ts';

const fields: readonly (keyof Report)[] = [
  'generated_at',
  'total',
  'by_state',
  'pending_by_age',
  'expiring',
  'time_to_acceptance',
  'by_domain',
  'by_inviter',
  ...(['organization', 'generated_by', 'people_by_state', 'administrators', 'api_key_owners'] as const),
  ...(['without_roles', 'pending', 'expired', 'not_shown'] as const),
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

const figureColumns = ['section', 'name', 'state', 'value'];

export const figureView: View<Figure> = {
  fields,
  times: [],
  columns: [],
  csv: figureColumns,
  block: figureColumns,
  record: (figure) => ({ ...figure }),
  id: () => undefined,
};

/** Every number of the report, or those of the requested fields. */
export function figuresOf(report: Report, requested: readonly string[] = fields): Figure[] {
  const { total, by_state, pending_by_age, expiring, time_to_acceptance } = report;
  const all: Figure[] = [
    { section: 'total', name: '', state: '', value: total },
    ...states.map((state): Figure => ({ section: 'by_state', name: '', state, value: by_state[state] })),
    ...pending_by_age.map(
      ({ age, count }): Figure => ({ section: 'pending_by_age', name: age, state: 'pending', value: count }),
    ),
    { section: 'expiring', name: 'within 7 days', state: 'pending', value: expiring.length },
    ...Object.entries(time_to_acceptance).map(
      ([name, value]): Figure => ({ section: 'time_to_acceptance', name, state: 'accepted', value }),
    ),
    ...report.by_domain.flatMap((group) => groupFigures('by_domain', group.domain, group)),
    ...report.by_inviter.flatMap((group) => groupFigures('by_inviter', group.creator, group)),
  ];
  all.push(...reviewFigures(report));
  return all.filter(({ section }) => requested.includes(section));
}

const lists = ['administrators', 'api_key_owners', 'without_roles', 'pending', 'expired'] as const;

function reviewFigures(report: Report): Figure[] {
  const counts = (of: object | undefined) => Object.entries((of ?? {}) as Readonly<Record<string, number>>);
  const other = (name: string, value: number | null): Figure => ({ section: 'not_shown', name, state: '', value });
  const { not_shown } = report;
  return [
    ...counts(report.people_by_state).map(
      ([state, value]): Figure => ({ section: 'people_by_state', name: '', state, value }),
    ),
    ...lists.flatMap((section): Figure[] => {
      const list = report[section];
      return list === undefined ? [] : [{ section, name: '', state: '', value: list?.length ?? null }];
    }),
    ...(not_shown === null ? [other('', null)] : counts(not_shown).map(([name, value]) => other(name, value))),
  ];
}

function groupFigures(section: keyof Report, name: string, group: Group): Figure[] {
  const present = states.filter((state) => group[state] > 0);
  return [
    { section, name, state: '', value: group.total },
    ...present.map((state) => ({ section, name, state, value: group[state] })),
  ];
}
