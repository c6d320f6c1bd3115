import { invitationFields } from '../api/invitation.ts';

type Fields = () => Promise<readonly string[]>;

const changes: Fields = async () => (await import('../mail/result.ts')).resultView.fields;
const profiles: Fields = async () => (await import('./auth/profiles.ts')).profileView.fields;
const sandbox: Fields = async () => (await import('./sandbox.ts')).sandboxResultView.fields;

const none: Fields = async () => [];

/** Commands that show something else than invitations, by path; loaded when they are asked for. */
const others: Readonly<Record<string, Fields>> = {
  create: changes,
  delete: changes,
  resend: changes,
  import: changes,
  apply: changes,
  remove: changes,
  'role grant': changes,
  'role revoke': changes,
  plan: async () => (await import('../membership/show-plan.ts')).planView.fields,
  people: async () => (await import('../membership/roster.ts')).rosterView({ apiKeys: true }).fields,
  trace: async () => (await import('./trace.ts')).traceView.fields,
  'auth login': profiles,
  'auth logout': profiles,
  'auth list': profiles,
  'auth use': profiles,
  'sandbox seed': sandbox,
  'sandbox reset': sandbox,
  'sandbox add': async () => (await import('./sandbox.ts')).personView.fields,
  'auth status': async () => (await import('./auth/status.ts')).statusView.fields,
  validate: async () => (await import('./validate.ts')).validateView.fields,
  wait: async () => (await import('./wait.ts')).waitResultView.fields,
  doctor: async () => (await import('../doctor/doctor.ts')).checkResultView.fields,
  help: async () => (await import('../help/document.ts')).documentFields,
  completion: none,
  export: none,
  'sandbox start': async () => (await import('./sandbox.ts')).startView.fields,
  report: async () => (await import('../reports/report.ts')).reportView.fields,
};

/** The fields of what a command shows, for `--fields` and for the reference of the program. */
export async function fieldsOf(path: string): Promise<readonly string[]> {
  return Object.hasOwn(others, path) ? ((await others[path]?.()) ?? []) : invitationFields;
}
