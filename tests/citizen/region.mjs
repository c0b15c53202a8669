// A region of its own for a test: the built `region-sandbox` on a free port with a fresh data directory, a login as an
// invented doctor, and the few FHIR calls that the tests ask.

import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FILES = {
  '/': ['clinician.html', 'text/html'],
  '/clinician.js': ['clinician.js', 'text/javascript'],
}

const program =
  process.env.REGION_SANDBOX ?? fileURLToPath(new URL('../../target/debug/region-sandbox', import.meta.url))

export async function startRegion(data) {
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'region-')))
  const child = spawn(program, ['--data', folder, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const base = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the region ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /http:\/\/127\.0\.0\.1:\d+(?=\/portale)/.exec(line)
      if (address) resolve(address[0])
    })
  })
  return {
    base,
    folder,
    async stop({ keep = false } = {}) {
      child.removeAllListeners('exit')
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      if (!keep) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An access token by authorization code with PKCE, as the login page would give it to a person's choice. */
export async function logIn(base, practitioner) {
  const verifier = randomBytes(32).toString('base64url')
  const redirect = 'http://127.0.0.1:9/callback'
  const answer = await fetch(`${base}/oidc/authorize`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      response_type: 'code',
      client_id: 'postazione',
      redirect_uri: redirect,
      scope: 'openid profile',
      state: randomBytes(16).toString('hex'),
      nonce: randomBytes(16).toString('hex'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      practitioner,
    }),
  })
  const code = new URL(answer.headers.get('location')).searchParams.get('code')
  const tokens = await fetch(`${base}/oidc/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'postazione',
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
    }),
  })
  return (await tokens.json()).access_token
}

/**
 * Serves the clinician's page of the tests, and passes its WebSocket on with the bearer token, which a browser's page
 * cannot send and the workstation does. A server of its own, because a browser bars pages without an address from
 * loopback.
 */
export async function clinicianDoor(base, token) {
  const server = createServer(async (asked, answer) => {
    const file = FILES[new URL(asked.url, base).pathname]
    if (!file) return answer.writeHead(404).end()
    const [name, type] = file
    answer.writeHead(200, { 'content-type': type }).end(await readFile(new URL(name, import.meta.url)))
  })
  server.on('upgrade', (asked, socket) => {
    const there = request(new URL(asked.url, base), {
      headers: { ...asked.headers, host: new URL(base).host, authorization: `Bearer ${token}` },
    })
    there.on('upgrade', (answer, upstream) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      socket.pipe(upstream).pipe(socket)
      for (const end of [socket, upstream]) end.on('error', () => undefined)
    })
    there.on('response', () => socket.destroy())
    there.on('error', () => socket.destroy())
    there.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export function fhir(base, token) {
  const ask = async (path, init = {}) => {
    const answer = await fetch(`${base}/fhir/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...init.headers },
    })
    if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  return {
    read: (path) => ask(path),
    search: async (query) => ((await ask(query)).entry ?? []).map(({ resource }) => resource),
    create: (resource) => ask(resource.resourceType, { method: 'POST', body: JSON.stringify(resource) }),
  }
}
