import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isTabKey,
  isUpKey,
  type KeypressEvent,
  makeTheme,
  useKeypress,
  useMemo,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core';
import { truncateToWidth } from '../text/width.ts';

export interface Choice {
  /** The line that is shown, and searched. */
  readonly name: string;
  readonly value: string;
}

export interface PickerOptions {
  readonly message: string;
  readonly choices: readonly Choice[];
  readonly isMultiple: boolean;
  /** Columns of the terminal at this moment. */
  readonly columns: () => number;
}

interface State {
  readonly term: string;
  readonly active: number;
  readonly selected: ReadonlySet<Choice>;
  readonly isDone: boolean;
}

const rows = 7;

/** A list that shrinks to what matches as somebody types, of which one choice or several are selected. */
export const picker = createPrompt<readonly string[], PickerOptions>((options, done) => {
  const { message, choices, isMultiple, columns } = options;
  const theme = makeTheme();
  const [state, setState] = useState<State>({ term: '', active: 0, selected: new Set(), isDone: false });
  const prefix = usePrefix({ status: state.isDone ? 'done' : 'idle', theme });
  const found = useMemo(() => matching(choices, state.term), [state.term]);
  useKeypress((key, line) => {
    if (isEnterKey(key)) {
      const chosen = chosenFrom(state, found, choices);
      if (chosen.length > 0) {
        setState({ ...state, selected: new Set(chosen), isDone: true });
        return done(chosen.map(({ value }) => value));
      }
    } else if (!isEditing(key, isMultiple)) {
      setState(afterKey(state, key, found, isMultiple));
    } else {
      return setState({ ...state, term: line.line, active: 0 });
    }
    // The key is no part of the search: the line is put back as it was.
    line.clearLine(0);
    line.write(state.term);
  });
  const list = usePagination({
    items: found,
    active: state.active,
    renderItem: ({ item, isActive }) => {
      const mark = isMultiple ? (state.selected.has(item) ? '[x] ' : '[ ] ') : '';
      const text = truncateToWidth(`${isActive ? '>' : ' '} ${mark}${item.name}`, columns() - 1);
      return isActive ? theme.style.highlight(text) : text;
    },
    pageSize: rows,
    loop: false,
  });
  const asked = `${prefix} ${theme.style.message(message, state.isDone ? 'done' : 'idle')}`;
  if (state.isDone) return `${asked} ${theme.style.answer(answerOf(state.selected))}`;
  const body = found.length === 0 ? `  nothing matches "${state.term}"` : list;
  return [`${asked} ${state.term}`, [body, ...helpLines(state, found, options)].join('\n')];
});

function matching(choices: readonly Choice[], term: string): readonly Choice[] {
  const words = term.toLowerCase().split(/\s+/);
  return choices.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}

/** Those that were selected, in the order of the list; the one under the cursor if none was. */
function chosenFrom({ selected, active }: State, found: readonly Choice[], choices: readonly Choice[]): Choice[] {
  if (selected.size > 0) return choices.filter((choice) => selected.has(choice));
  return found.slice(active, active + 1);
}

/** Whether the key belongs to the text of the search. Where several can be selected, the space bar selects. */
function isEditing(key: KeypressEvent, isMultiple: boolean): boolean {
  if (isUpKey(key) || isDownKey(key) || isTabKey(key)) return false;
  return !(isMultiple && (key.name === 'space' || (key.ctrl && key.name === 'a')));
}

function afterKey(state: State, key: KeypressEvent, found: readonly Choice[], isMultiple: boolean): State {
  const { active, selected } = state;
  if (isUpKey(key)) return { ...state, active: Math.max(0, active - 1) };
  if (isDownKey(key)) return { ...state, active: Math.min(found.length - 1, active + 1) };
  const current = found[active];
  if (current === undefined || !isMultiple) return state;
  const toggled = key.ctrl ? found : [current];
  const isAdding = toggled.some((choice) => !selected.has(choice));
  const next = new Set(selected);
  for (const choice of toggled) isAdding ? next.add(choice) : next.delete(choice);
  return { ...state, selected: next };
}

function answerOf(chosen: ReadonlySet<Choice>): string {
  const [only] = chosen;
  return chosen.size === 1 ? (only?.name ?? '') : `${chosen.size} selected`;
}

/** How many there are, and what can be typed. */
function helpLines(
  { term, selected }: State,
  found: readonly Choice[],
  { choices, isMultiple }: PickerOptions,
): string[] {
  const count = term === '' ? `${choices.length}` : `${found.length} of ${choices.length} match`;
  if (!isMultiple) return [count, 'type to search, arrows move, Enter selects, Esc cancels'];
  const enter = selected.size > 0 ? `Enter accepts ${selected.size}` : 'Enter accepts this one';
  return [`${count}, ${selected.size} selected`, `type to search, Space selects, Ctrl-A all, ${enter}, Esc cancels`];
}
