import type { Command } from 'commander';
import { resultView } from '../../changes/result.ts';
import { plain, type Vocabulary, type Words } from '../../completion/source.ts';
import { diagnosisView } from '../../doctor/diagnoses.ts';
import { reportView } from '../../reports/views.ts';
import { endingView } from '../../waiting/ending.ts';
import { profileView } from '../auth/profile-view.ts';
import { statusView } from '../auth/status.ts';
import { topics } from '../help/topics.ts';
import { personView } from '../sandbox/add.ts';
import { toldView } from '../sandbox/opening.ts';

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
  ...['sandbox seed', 'sandbox reset'].map((under) => ({ under, words: plain(toldView.fields) })),
  { under: 'sandbox add', words: plain(personView.fields) },
  { under: 'wait', words: plain(endingView(0).fields) },
  { under: 'doctor', words: plain(diagnosisView.fields) },
  { under: 'report', words: plain(reportView.fields) },
];
