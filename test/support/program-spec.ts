import { type CommandSpec, specOf } from '../../src/completion/spec.ts';
import { vocabularyOf } from '../../src/completion/vocabulary.ts';
import { buildProgram } from '../../src/program.ts';

/** The grammar of the whole program, as completion sees it. */
export async function programSpec(): Promise<CommandSpec> {
  const program = await buildProgram(() => async () => {}, { write: () => {} });
  return specOf(program, vocabularyOf(program));
}
