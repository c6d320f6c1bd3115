import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { isMissing } from '../http/failure.ts';
import type { Purpose } from '../http/send.ts';

interface Removal {
  readonly path: string;
  readonly purpose: Purpose;
  /** Whether what a GET still returns has ended all the same. */
  readonly hasEnded?: (resource: unknown) => boolean;
  /** Whether it is still there, where a GET is refused; undefined if that cannot be told either. */
  readonly isListed?: () => Promise<boolean | undefined>;
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
    const reason = state === 'there' ? 'it is still there' : 'whether it is still there cannot be read';
    const { http_status, request_id, target } = error.details;
    throw new CliError('forbidden', error.message, {
      reason: `${reason}; ${error.details.reason ?? error.code}`,
      ...{ http_status, request_id, target },
    });
  }
}

async function stateAfter(api: Api, { path, purpose, hasEnded, isListed }: Removal) {
  try {
    const resource = await api.get(path, {}, purpose);
    return hasEnded?.(resource) === true ? 'gone' : 'there';
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (error.code === 'not_found') return 'gone';
    const listed = await isListed?.();
    return listed === undefined ? 'unreadable' : listed ? 'there' : 'gone';
  }
}
