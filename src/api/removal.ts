import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { isMissing, unlessMissing } from '../http/failure.ts';
import type { Purpose } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';

interface Removal {
  readonly id: string;
  readonly path: string;
  readonly purpose: Purpose;
  /** Whether what a GET still returns has ended all the same. */
  readonly hasEnded?: (resource: unknown) => boolean;
  /** A list that it is in for as long as it exists, where a GET is refused. */
  readonly list?: (() => AsyncIterable<readonly unknown[]>) | undefined;
}

/**
 * Deletes a resource. 403 and 404 may each mean that it does not exist, or that it may not be deleted: what is still
 * there afterwards, or cannot be read, throws `forbidden`; `gone` is what somebody else has deleted.
 */
export async function deleteResource(api: Api, removal: Removal): Promise<'deleted' | 'gone'> {
  const { path, purpose } = removal;
  try {
    await api.delete(path, purpose);
    return 'deleted';
  } catch (error) {
    if (!isMissing(error)) throw error;
    const state = await stateAfter(api, removal);
    if (state === 'gone') return 'gone';
    const reason = state === 'there' ? 'it is still there' : 'cannot tell whether it is still there';
    const { http_status, request_id, target } = error.details;
    throw new CliError('forbidden', error.message, {
      reason: `${reason}; ${error.details.reason ?? error.code}`,
      ...{ http_status, request_id, target },
    });
  }
}

async function stateAfter(api: Api, { id, path, purpose, hasEnded, list }: Removal) {
  try {
    const resource = await api.get(path, {}, purpose);
    return hasEnded?.(resource) === true ? 'gone' : 'there';
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (error.code === 'not_found') return 'gone';
    const listed = list === undefined ? undefined : await unlessMissing(isListed(id, list()));
    return listed === undefined ? 'unreadable' : listed ? 'there' : 'gone';
  }
}

async function isListed(id: string, list: AsyncIterable<readonly unknown[]>): Promise<boolean> {
  for await (const page of list) if (page.some((row) => textAt(row, 'id') === id)) return true;
  return false;
}
