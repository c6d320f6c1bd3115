// `npm run bench`: every speed that is promised, measured, as a Markdown table.
//   --smoke          everything once and tiny; asserts that it runs, no timing
//   --only <text>    the rows that contain it
//   --node <path>    the Node that runs invite, and that it is compared with
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rowsFor } from './rows.js';

const { values } = parseArgs({
  options: { smoke: { type: 'boolean' }, only: { type: 'string' }, node: { type: 'string' } },
});
const node = values.node ?? process.execPath;
const program = join(import.meta.dirname, '../../bin/invite.js');
const isSmoke = values.smoke === true;
if (!existsSync(join(program, '../../dist/main.cjs'))) throw new Error('nothing is built yet: npm run build');

const nodeVersion = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
const [{ model }] = cpus();
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${nodeVersion}, ${process.platform} ${process.arch}, ${cpus().length} × ${model.trim()}\n`,
);
print('| what | reached | hold | |\n|---|---|---|---|');

for (const row of rowsFor({ node, program, isSmoke })) {
  if (values.only !== undefined && !row.what.includes(values.only)) continue;
  print(await line(row));
}

async function line({ what, hold, missing, measure }) {
  if (missing !== undefined) return `| ${what} | - | ${told(hold)} | skipped: no ${missing} here |`;
  const reached = await measure();
  const verdict = isSmoke || hold === undefined ? '' : reached <= hold ? 'held' : 'missed';
  return `| ${what} | ${shown(reached)} | ${told(hold)} | ${isSmoke ? 'runs' : verdict} |`;
}

function told(hold) {
  return hold === undefined ? '' : `≤ ${hold}`;
}

function shown(value) {
  return value >= 10 ? value.toFixed(0) : value.toFixed(value < 0.1 ? 3 : 2);
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
