import type { Layer } from './send.ts';

/** Says who asks and what is understood. */
export function identify(version: string): Layer {
  return (next) => (request) => {
    const type = request.body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { accept: 'application/json', 'user-agent': `invite/${version}`, ...type, ...request.headers };
    return next({ ...request, headers });
  };
}
