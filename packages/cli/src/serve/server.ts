import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LockstepError, toLockstepError } from '@lockstep/core';
import { isForThisMachine, isFromOwnPage, mostBytes } from './guard.js';

/** What the page shows of a drawing. */
export interface Answer {
  readonly probabilities: readonly number[];
  /** The class with the highest probability. */
  readonly best: number;
  /** `[28, 28]`, uint8: what the model saw. */
  readonly image: readonly number[];
}

/** A file that is always the same. */
export interface Asset {
  readonly type: string;
  readonly content: string;
}

export interface Served {
  /** By path: `/`, `/draw.js`. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** IMAGE_INVALID where there is nothing to read. */
  readonly read: (picture: Buffer) => Promise<Answer>;
}

const headers = {
  'Content-Security-Policy': "default-src 'self'; img-src data:; style-src 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/**
 * Serves the page to this machine, and to no other.
 *
 * @param port 0: any that is free
 * @throws PORT_IN_USE
 */
export async function startServer(port: number, served: Served): Promise<Server> {
  const server = createServer((request, response) => {
    respond(request, response, served).catch((thrown: unknown) => {
      const { code, message } = toLockstepError(thrown);
      sendJson(response, code === 'IMAGE_INVALID' ? 422 : 500, { code, message });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new LockstepError('PORT_IN_USE', `cannot listen at port ${port}: ${cause.message}`, {
          hint: 'Give another --port; 0 takes any that is free.',
          cause,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { assets, read }: Served,
): Promise<void> {
  const { method, url = '/' } = request;
  const { host, origin } = request.headers;
  if (!isForThisMachine(host) || !isFromOwnPage(origin, host)) {
    sendJson(response, 403, { message: 'This page is for this machine only.' });
    return;
  }
  const asset = assets.get(url);
  if (method === 'GET' && asset !== undefined) {
    response.writeHead(200, { ...headers, 'Content-Type': asset.type }).end(asset.content);
    return;
  }
  if (method !== 'POST' || url !== '/predict') {
    sendJson(response, 404, { message: `There is no ${url} here.` });
    return;
  }
  const picture = await bodyOf(request);
  if (picture === null) sendJson(response, 413, { message: 'This drawing is too large.' });
  else sendJson(response, 200, await read(picture));
}

/** Null where it is longer than a drawing can be; it is read to its end, so that the answer arrives. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= mostBytes) parts.push(part);
  }
  return size > mostBytes ? null : Buffer.concat(parts);
}

function sendJson(response: ServerResponse, status: number, content: object): void {
  response
    .writeHead(status, { ...headers, 'Content-Type': 'application/json' })
    .end(JSON.stringify(content));
}
