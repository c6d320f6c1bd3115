// The action's steps, run in a shell with the files and variables that GitHub provides, and programs that only write
// down how they were called.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from './support/run-cli.ts';

interface ActionStep {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const folderOfAction = join(import.meta.dirname, '..', '.github', 'actions', 'invite');
const action = parse(readFileSync(join(folderOfAction, 'action.yml'), 'utf8'));
const steps: readonly ActionStep[] = action.runs.steps;

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ['bin', 'invite-plan']) mkdirSync(join(folder, name));
  for (const name of ['invite', 'gh', 'npm']) fake(name);
  writeFileSync(join(folder, 'people.yaml'), 'version: 1\n');
  savedPlan('plan.json');
});

/** A program that notes its arguments and prints what stands in `NAME.FIRST-ARGUMENT.out`, ending with `….code`. */
function fake(name: string): void {
  const path = join(folder, 'bin', name);
  writeFileSync(
    path,
    `#!/bin/bash
    body= asked=yes
    for arg; do
      case $arg in
        body=@*) body=\${arg#body=@} ;;
        --method) asked= ;;
      esac
    done
    {
      printf '%s\\0' ${name} "\${CONFLUENT_CLOUD_API_SECRET+secret}\${ACTIONS_ID_TOKEN_REQUEST_TOKEN+secret}" $# "$@"
      [[ -n $body ]] && cat "$body"
      printf '\\0'
    } >>'${folder}/calls'
    told='${folder}/${name}.'$1
    [[ -n $asked && -e $told.out ]] && cat "$told.out"
    [[ -e $told.code ]] && exit "$(<"$told.code")"
    exit 0
    `,
  );
  chmodSync(path, 0o755);
}

function savedPlan(name: string): void {
  const plan = { invite_plan: 1, fingerprint: '7f3a91c2', changes: [{ action: 'invite' }, { action: 'grant' }] };
  writeFileSync(join(folder, name), JSON.stringify(plan));
}

interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly body?: string;
  readonly secret: boolean;
}

function calls(name: string): Call[] {
  if (!existsSync(join(folder, 'calls'))) return [];
  const parts = readFileSync(join(folder, 'calls'), 'utf8').split('\0').slice(0, -1);
  const found: Call[] = [];
  while (parts.length > 0) {
    const [called = '', secret = '', count = ''] = parts.splice(0, 3);
    const args = parts.splice(0, Number(count));
    const [body = ''] = parts.splice(0, 1);
    found.push({ name: called, args, secret: secret !== '', ...(body === '' ? {} : { body }) });
  }
  return found.filter((call) => call.name === name);
}

/** Runs one step as the runner does; `values` answers the expressions in its `env`. */
function runStep(id: string, values: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  const step = steps.find((one) => one.id === id);
  const script = join(folder, 'script.sh');
  writeFileSync(script, step?.run ?? '');
  const output = join(folder, 'output');
  writeFileSync(output, '');
  const expression = (text: string) => values[/^\$\{\{ (.*) \}\}$/.exec(text)?.[1] ?? ''] ?? '';
  const given = Object.entries(step?.env ?? {}).map(([name, text]) => [name, expression(text)]);
  const { status, stdout } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      RUNNER_TEMP: folder,
      GITHUB_OUTPUT: output,
      GITHUB_PATH: join(folder, 'path'),
      GITHUB_ACTION_PATH: folderOfAction,
      GITHUB_REPOSITORY: 'acme/people',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_RUN_ID: '42',
      CONFLUENT_CLOUD_API_SECRET: 'not-a-secret',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'not-a-secret',
      ...Object.fromEntries(given),
      ...more,
    },
  });
  const outputs = Object.fromEntries(
    readFileSync(output, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('=')),
  );
  return { status, stdout, outputs };
}

test('no input becomes part of a script, and every action is pinned', () => {
  for (const { run, shell, uses } of steps) {
    if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    else expect({ shell, interpolated: run?.includes('${{') }).toEqual({ shell: 'bash', interpolated: false });
  }
});

describe('check', () => {
  test.each([
    ['a plan', 'plan', 'people.yaml', 0],
    ['an apply', 'apply', 'plan.json', 0],
    ['another command', 'list', 'people.yaml', 2],
    ['a command with more behind it', 'plan; touch ran', 'people.yaml', 2],
    ['a command with lines', 'plan\n::set-output name=x::y', 'people.yaml', 2],
    ['no file', 'plan', 'nobody.yaml', 2],
    ['a link', 'plan', 'link.yaml', 2],
    ['a file in a linked folder', 'plan', 'linked/people.yaml', 2],
    ['a file behind one', 'plan', './linked/../people.yaml', 2],
    ['a file in a folder', 'plan', './folder/people.yaml', 0],
  ])('%s', (_what, command, file, code) => {
    symlinkSync('/etc/hostname', join(folder, 'link.yaml'));
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'folder', 'people.yaml'), 'version: 1\n');
    symlinkSync('folder', join(folder, 'linked'));
    const { status, stdout } = runStep('check', { 'inputs.command': command, 'inputs.file': file });
    expect(status).toBe(code);
    expect(stdout).toMatch(code === 0 ? /^$/ : /^::error::the input "\w+" [\w ]+\n$/);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });
});

describe('install', () => {
  test('builds and takes the checkout of the action, without scripts and without the key', () => {
    // What `npm pack` would leave: the npm here only notes how it was called.
    const packed = join(folder, 'invite-package', 'confluent-invite-0.1.0.tgz');
    mkdirSync(join(packed, '..'));
    writeFileSync(packed, '');
    const place = join(folder, 'checkout', '.github', 'actions', 'invite');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(folder, 'checkout', 'package.json'), '{}');
    expect(runStep('install', {}, { GITHUB_ACTION_PATH: place }).status).toBe(0);
    const called = calls('npm');
    expect(called.map(({ args }) => args[0])).toEqual(['ci', 'run', 'pack', 'install']);
    expect(called.filter(({ secret }) => secret)).toEqual([]);
    expect(called.filter(({ args }) => args.includes('--ignore-scripts'))).toHaveLength(3);
    expect(called[3]?.args.slice(-2)).toEqual(['--', packed]);
    expect(readFileSync(join(folder, 'path'), 'utf8')).toBe(`${folder}/invite/bin\n`);
  });

  test('or a file that is named, whatever it looks like', () => {
    const name = '--global $(touch ran)';
    writeFileSync(join(folder, name), '');
    expect(runStep('install', { 'inputs.package': name }).status).toBe(0);
    expect(calls('npm')[0]?.args.slice(-2)).toEqual(['--', join(folder, name)]);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test.each(['invite', 'confluent-invite@0.1.0', 'https://example.com/x.tgz'])('never the name %s', (name) => {
    const { status, stdout } = runStep('install', { 'inputs.package': name });
    expect([status, stdout]).toEqual([2, '::error::the input "package" names no file\n']);
    expect(calls('npm')).toEqual([]);
  });
});

test('validate checks the file without the key, and ends as it does', () => {
  writeFileSync(join(folder, 'invite.validate.code'), '2');
  const { status, outputs } = runStep('validate', { 'inputs.file': 'people.yaml', 'inputs.args': '--allow-unicode' });
  expect(calls('invite')).toEqual([
    { name: 'invite', args: ['validate', '--allow-unicode', '--', 'people.yaml'], secret: false },
  ]);
  expect([status, outputs]).toEqual([2, { 'exit-code': '2' }]);
});

describe('plan', () => {
  test('saves the plan, says what is in it, and renders the saved one', () => {
    savedPlan('invite.plan.out');
    writeFileSync(join(folder, 'invite.apply.out'), '<!-- invite-plan -->\n2 changes\n');
    const inputs = { 'inputs.file': 'people.yaml', 'inputs.args': '--max-removals\n4\n\n' };
    const { status, outputs } = runStep('plan', inputs);
    const plan = join(folder, 'invite-plan', 'plan.json');
    expect([status, outputs]).toEqual([0, { 'exit-code': '0', plan, fingerprint: '7f3a91c2', changes: '2' }]);
    expect(calls('invite').map(({ args }) => args)).toEqual([
      ['plan', '--max-removals', '4', '-o', 'json', '--', 'people.yaml'],
      ['apply', '--dry-run', '-o', 'markdown', '--', plan],
    ]);
  });

  test('keeps the exit code for the end, with and without a plan', () => {
    writeFileSync(join(folder, 'invite.plan.code'), '2');
    const { status, outputs } = runStep('plan', { 'inputs.file': 'people.yaml' });
    expect([status, outputs['exit-code']]).toEqual([0, '2']);
    expect(calls('invite')).toHaveLength(1);
    expect(runStep('end', { 'steps.plan.outputs.exit-code': '2' }).status).toBe(2);
  });

  test.each([
    ['7', 0],
    ['3', 1],
  ])('shows one that is refused, since the saved one is as well: %s, %i', (dryRun, status) => {
    savedPlan('invite.plan.out');
    writeFileSync(join(folder, 'invite.plan.code'), '7');
    writeFileSync(join(folder, 'invite.apply.code'), dryRun);
    expect(runStep('plan', { 'inputs.file': 'people.yaml' })).toMatchObject({ status, outputs: { 'exit-code': '7' } });
  });

  test('a fingerprint that is none does not reach the outputs', () => {
    writeFileSync(join(folder, 'invite.plan.out'), '{"invite_plan":1,"fingerprint":"1\\nexit-code=0","changes":"x"}');
    const { outputs } = runStep('plan', { 'inputs.file': 'people.yaml' });
    expect(Object.keys(outputs)).toEqual(['exit-code', 'plan']);
  });
});

const hostile = ['$(touch ran)', '"; touch ran; "', "'; touch ran; '", '* ~ \\', '--debug'];

describe('hostile inputs run nothing and stay one argument', () => {
  test.each(hostile)('%s', (text) => {
    savedPlan('invite.plan.out');
    writeFileSync(join(folder, text), '{"invite_plan":1}');
    for (const id of ['check', 'plan', 'apply']) {
      const command = id === 'apply' ? 'apply' : 'plan';
      const args = `${text}\r\n--x=${text}`;
      const values = { 'inputs.command': command, 'inputs.file': text, 'inputs.args': args };
      expect(runStep(id, values).status).toBe(0);
    }
    const [planned, , applied] = calls('invite');
    expect(planned?.args).toEqual(['plan', text, `--x=${text}`, '-o', 'json', '--', text]);
    expect(applied?.args).toEqual(['apply', text, `--x=${text}`, '--yes', '-o', 'json', '--', text]);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test('a name with a line break', () => {
    savedPlan('people\n.json');
    expect(runStep('apply', { 'inputs.file': 'people\n.json' }).status).toBe(0);
    expect(calls('invite')[0]?.args.at(-1)).toBe('people\n.json');
  });
});

describe('comment', () => {
  /** What is sent where a comment of this plan is written; `existing` are the numbers of those there are. */
  function comment(plan: string | undefined, existing = ''): Pick<Call, 'body' | 'secret'> & { to: string } {
    writeFileSync(join(folder, 'gh.api.out'), existing);
    if (plan !== undefined) writeFileSync(join(folder, 'invite-plan', 'plan.md'), plan);
    const outcome = plan === undefined ? 'failure' : 'success';
    const values = { 'github.event.pull_request.number': '7', 'steps.plan.outcome': outcome };
    expect(runStep('comment', values).status).toBe(0);
    const [, sent, ...more] = calls('gh');
    expect([more, existsSync(join(folder, 'ran'))]).toEqual([[], false]);
    const { args = [], body = '', secret = true } = sent ?? {};
    return { to: args.slice(2, 4).join(' '), body, secret };
  }

  test('is written the first time, without the key', () => {
    const body = '<!-- invite-plan -->\n$(touch ran)\n';
    expect(comment(body)).toEqual({ to: 'POST repos/acme/people/issues/7/comments', body, secret: false });
  });

  test('is replaced the next time', () => {
    expect(comment('nothing to do\n', '1001\n1002\n')).toEqual({
      to: 'PATCH repos/acme/people/issues/comments/1001',
      body: '<!-- invite-plan -->\nnothing to do\n',
      secret: false,
    });
  });

  test('does not leave an old plan standing when there is none', () => {
    expect(comment(undefined, '1001\n').body).toBe(
      '<!-- invite-plan -->\nThere is no plan: [the run](https://github.example/acme/people/actions/runs/42) says why.\n',
    );
  });

  test('is cut at the end of a line where GitHub would refuse it', () => {
    const { body = '' } = comment('| ann@example.com | grant |\n'.repeat(3000));
    expect(body.length).toBeLessThan(65_000);
    expect(body).toMatch(/grant \|\n\n\nThis is not all: .*\n$/);
  });
});

describe('apply', () => {
  test('does the plan that was approved, and hands on how it ended', () => {
    writeFileSync(join(folder, 'invite.apply.code'), '9');
    const values = { 'inputs.file': 'plan.json', 'inputs.fingerprint': '7f3a91c2' };
    const { status, outputs } = runStep('apply', values);
    expect([status, outputs]).toEqual([9, { 'exit-code': '9', results: join(folder, 'invite-results.json') }]);
    expect(calls('invite')[0]?.args).toEqual(['apply', '--yes', '-o', 'json', '--', 'plan.json']);
  });

  test.each([
    ['a file of people', 'people.yaml', '', /needs the plan\.json that was approved/],
    ['another plan', 'plan.json', 'ffff', /not the plan with the fingerprint/],
    ['a fingerprint that is an option', 'plan.json', '--eval=1', /not the plan with the fingerprint/],
  ])('refuses %s', (_what, file, fingerprint, said) => {
    const { status, stdout } = runStep('apply', { 'inputs.file': file, 'inputs.fingerprint': fingerprint });
    expect(status).toBe(2);
    expect(stdout).toMatch(said);
    expect(calls('invite')).toEqual([]);
  });
});
