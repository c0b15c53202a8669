// The region in a process of its own, on a port that stays: it can be stopped and started during a journey, as the network
// goes and comes back, and its faults be switched.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fhir, logIn } from '../citizen/region.mjs'
import { freePort } from './window.mjs'

const program =
  process.env.REGION_SANDBOX ?? fileURLToPath(new URL('../../target/debug/region-sandbox', import.meta.url))

export class Region {
  constructor(folder, port) {
    this.folder = folder
    this.port = port
    this.base = `http://127.0.0.1:${port}`
    this.portal = `${this.base}/portale`
  }

  static async start(folder) {
    const region = new Region(folder, await freePort())
    await region.start()
    return region
  }

  async start() {
    const child = spawn(program, ['--data', this.folder, '--port', String(this.port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`the region ended with ${code}`)))
      createInterface({ input: child.stdout }).on('line', (line) => line.includes('/portale') && resolve())
    })
    child.removeAllListeners('exit')
    this.child = child
  }

  /** Goes away, as a server that is gone: connections close. */
  async stop() {
    const { child } = this
    this.child = null
    if (!child || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }

  async post(path, body) {
    const answer = await fetch(`${this.base}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  }

  /** Adds a fault: `{path, method, times, status, effect...}` as the region's contract writes them. */
  fault(rule) {
    return this.post('faults', rule)
  }

  async clearFaults() {
    await fetch(`${this.base}/_sandbox/faults`, { method: 'DELETE' })
  }

  /** The clinical data, as that clinician may read them. */
  async as(practitioner) {
    return fhir(this.base, await logIn(this.base, practitioner))
  }
}
