import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LockstepError } from '@lockstep/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mostBytes } from './guard.js';
import { startServer } from './server.js';

let server: Server;
let port: number;

beforeAll(async () => {
  server = await startServer(0, {
    assets: new Map([['/', { type: 'text/html', content: 'the page' }]]),
    read: async (picture) => {
      if (picture.length > 0) return { probabilities: [0, 1], best: 1, image: [...picture] };
      throw new LockstepError('IMAGE_INVALID', 'nothing is drawn');
    },
  });
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
}

function ask({ method = 'GET', path = '/', headers = {}, body }: Question) {
  return new Promise<{ status: number; text: string; policy: unknown }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        const policy = response.headers['content-security-policy'];
        resolve({ status: response.statusCode!, text, policy });
      });
    });
    sent.once('error', reject).end(body);
  });
}

const drawing = { method: 'POST', path: '/predict', body: Uint8Array.of(7, 8) };

it('listens on this machine only', () => {
  expect((server.address() as AddressInfo).address).toBe('127.0.0.1');
});

it('gives the page, which may load nothing from elsewhere', async () => {
  const { status, text, policy } = await ask({});
  expect([status, text]).toEqual([200, 'the page']);
  expect(policy).toContain("default-src 'self'");
});

it('says what is drawn, whoever asks on this machine', async () => {
  for (const headers of [{}, { Origin: `http://127.0.0.1:${port}` }]) {
    const { status, text } = await ask({ ...drawing, headers });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ probabilities: [0, 1], best: 1, image: [7, 8] });
  }
});

it.each([
  ['another host', 403, { ...drawing, headers: { Host: 'example.com' } }],
  ['another page', 403, { ...drawing, headers: { Origin: 'http://example.com' } }],
  ['a page of another host', 403, { headers: { Host: 'example.com' } }],
  ['what is not here', 404, { path: '/../run.json' }],
  ['another method', 404, { ...drawing, method: 'PUT' }],
  ['no drawing', 422, { ...drawing, body: new Uint8Array() }],
  ['too much, as it says', 413, { ...drawing, body: new Uint8Array(mostBytes + 1) }],
  [
    'too much, without saying so',
    413,
    {
      ...{ ...drawing, body: new Uint8Array(mostBytes + 1) },
      headers: { 'Transfer-Encoding': 'chunked' },
    },
  ],
] as const)('refuses %s: %i', async (_what, expected, question) => {
  const { status, text } = await ask(question);
  expect(status).toBe(expected);
  expect(JSON.parse(text).message).toMatch(/\w+/);
});

it('refuses a port that is taken, with a way out', async () => {
  const served = { assets: new Map(), read: () => Promise.reject(new Error('never asked')) };
  await expect(startServer(port, served)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(String(port)),
    hint: expect.stringContaining('--port'),
  });
});
