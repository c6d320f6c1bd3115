import type { Exchange, Fault, Scenarios } from '../exchange.ts';
import { on } from '../faults.ts';

/** Redirects. */
export const redirects = {
  'redirect-foreign': { fault: to(302, foreign) },
  'redirect-userinfo': { fault: unlessMoved(307, ({ url }) => url.replace('//', '//evil:pw@')) },
  'redirect-same': { fault: unlessMoved(308) },
  'post-redirect-302': { fault: on('create', to(302, moved)) },
  'post-redirect-307': { fault: on('create', unlessMoved(307)) },
  'post-redirect-foreign': { fault: on('create', to(307, foreign)) },
} satisfies Scenarios;

function foreign({ foreignUrl, request }: Exchange): string {
  return `${foreignUrl}${request.target}`;
}

function moved({ request }: Exchange): string {
  return `/moved${request.target}`;
}

function to(status: number, target: (exchange: Exchange) => string): Fault {
  return (exchange) => ({ status, headers: { Location: target(exchange) } });
}

/** Redirects to the same resource under another path, where it exists. */
function unlessMoved(status: number, before: (exchange: Exchange) => string = () => ''): Fault {
  const move = to(status, (exchange) => before(exchange) + moved(exchange));
  return (exchange) => (exchange.request.target.startsWith('/moved') ? exchange.honest() : move(exchange));
}
