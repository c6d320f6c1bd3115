import type { Command } from 'commander';
import { resultView } from '../changes/result.ts';
import { statusView } from '../commands/auth/status.ts';
import { personView } from '../commands/sandbox/add.ts';
import { sandboxMessageView } from '../commands/shared/open-sandbox.ts';
import { profileView } from '../commands/shared/profile-view.ts';
import { checkResultView } from '../doctor/doctor.ts';
import { topics } from '../help/topics.ts';
import { reportView } from '../reports/report-view.ts';
import { waitResultView } from '../wait/result.ts';
import { plain, type Vocabulary, type Words } from './source.ts';

/** The words that completion cannot know of itself: what can be explained, and what fields the commands show. */
export function vocabularyOf(program: Command): Vocabulary {
  const explained = topics.map(({ name, summary }) => ({ text: name, meaning: summary }));
  const commands = program.commands
    .map((one) => ({ text: one.name(), meaning: one.summary() }))
    .filter(({ text }) => !topics.some(({ name }) => name === text));
  return { topics: [...commands, ...explained], fields };
}

const results = resultView(0).fields;

/** The narrower place stands before the wider; where none is named, it is invitations that are shown. */
const fields: readonly Words[] = [
  ...['create', 'delete', 'resend', 'import'].map((under) => ({ under, words: plain(results) })),
  { under: 'auth status', words: plain(statusView.fields) },
  { under: 'auth', words: plain(profileView.fields) },
  ...['sandbox seed', 'sandbox reset'].map((under) => ({ under, words: plain(sandboxMessageView.fields) })),
  { under: 'sandbox add', words: plain(personView.fields) },
  { under: 'wait', words: plain(waitResultView(0).fields) },
  { under: 'doctor', words: plain(checkResultView.fields) },
  { under: 'report', words: plain(reportView.fields) },
];
