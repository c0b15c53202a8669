// The real window, driven by WebKitWebDriver as the W3C writes it (https://www.w3.org/TR/webdriver2/), over plain HTTP: what a
// person does with mouse and keyboard, and nothing else. Screens are found by their `data-testid`.

import { execFile, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
const root = fileURLToPath(new URL('../../', import.meta.url))
export const program = process.env.POSTAZIONE_BINARY ?? `${root}target/debug/postazione`

/** A refusal of the driver, with the name that the standard gives it. */
export class DriverError extends Error {
  constructor({ error, message }, what) {
    super(`${what}: ${error}: ${message}`)
    this.kind = error
  }
}

/**
 * Opens the window. `args` go to the program; `environment` to it and to the driver.
 * The two switches of automation belong to the driver's environment: the program inherits them.
 */
export async function openWindow({ args = [], environment = {}, log } = {}) {
  const port = await freePort()
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: { ...process.env, ...environment, TAURI_AUTOMATION: 'true', TAURI_WEBVIEW_AUTOMATION: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines = []
  const keep = (data) => {
    lines.push(data.toString())
    log?.(data.toString())
  }
  driver.stdout.on('data', keep)
  driver.stderr.on('data', keep)
  const base = `http://127.0.0.1:${port}`
  let gone = null
  driver.once('error', (error) => {
    gone = error
  })
  const answered = async () => (await fetch(`${base}/status`).catch(() => null))?.ok === true
  for (let tries = 0; !(await answered()); tries += 1) {
    if (gone || tries > 100) throw new Error(`WebKitWebDriver does not answer${gone ? `: ${gone.message}` : ''}`)
    await sleep(50)
  }
  const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: program, args } } }
  const ask = async (method, path, body) => {
    const answer = await fetch(base + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const { value } = await answer.json()
    if (!answer.ok) throw new DriverError(value, `${method} ${path}`)
    return value
  }
  let session
  try {
    session = await ask('POST', '/session', { capabilities })
  } catch (error) {
    driver.kill()
    throw new Error(`the window did not open: ${error.message}\n${lines.join('')}`)
  }
  return new Window({
    ask: (method, path, body) => ask(method, `/session/${session.sessionId}${path}`, body),
    driver,
    lines,
    display: environment.DISPLAY,
  })
}

export class Window {
  constructor({ ask, driver, lines, display }) {
    this.display = display
    this.ask = ask
    this.driver = driver
    this.lines = lines
  }

  /** What the program wrote on its terminal. */
  get printed() {
    return this.lines.join('')
  }

  execute(script, ...args) {
    return this.ask('POST', '/execute/sync', { script, args })
  }

  /** Runs an async function body in the page; its answer must be JSON. */
  executeAsync(body, ...args) {
    const script = `const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);
      (async (...args) => { ${body} })(...given).then((value) => done({ value }), (error) => done({ error: JSON.stringify(error) ?? String(error) }))`
    return this.ask('POST', '/execute/async', { script, args }).then(({ value, error }) => {
      if (error) throw new Error(error)
      return value
    })
  }

  /** Asks the core as the page would, for what no screen shows. */
  invoke(command, request) {
    return this.executeAsync(
      'return await window.__TAURI_INTERNALS__.invoke(args[0], args[1])',
      command,
      request === undefined ? {} : { request },
    )
  }

  async all(selector) {
    const found = await this.ask('POST', '/elements', { using: 'css selector', value: selector })
    return found.map((element) => element[ELEMENT])
  }

  /** Waits until the selector finds something, and gives the first. */
  async find(selector, seconds = 20) {
    return this.until(
      async () => (await this.all(selector))[0],
      seconds,
      () => `${selector} is not on screen`,
    )
  }

  async has(selector) {
    return (await this.all(selector)).length > 0
  }

  async gone(selector, seconds = 20) {
    await this.until(
      async () => !(await this.has(selector)),
      seconds,
      () => `${selector} stays on screen`,
    )
  }

  /** Waits for a truthy answer; `why` is what the failure says, with what the window shows. */
  async until(ask, seconds, why) {
    const end = performance.now() + seconds * 1000
    for (;;) {
      const value = await ask().catch((error) => {
        if (error instanceof DriverError && /stale|no such element|not interactable|intercepted/.test(error.kind))
          return undefined
        throw error
      })
      if (value) return value
      if (performance.now() > end)
        throw new Error(`${why()} after ${seconds} s. On screen: ${(await this.words()).slice(0, 600)}`)
      await sleep(100)
    }
  }

  words() {
    return this.execute('return document.body.innerText.replace(/\\s+/g, " ")').catch(() => '(nothing)')
  }

  /** The text of the first match. */
  async text(selector, seconds) {
    const element = await this.find(selector, seconds)
    return this.ask('GET', `/element/${element}/text`)
  }

  /** A property of the first match. */
  async property(selector, name) {
    const element = await this.find(selector)
    return this.ask('GET', `/element/${element}/property/${name}`)
  }

  /** Waits until the first match contains the words. */
  async shows(selector, words, seconds = 20) {
    const wanted = words instanceof RegExp ? words : null
    const has = (text) => (wanted ? wanted.test(text) : text.includes(words))
    let seen = ''
    return this.until(
      async () => {
        const elements = await this.all(selector)
        for (const element of elements) {
          seen = await this.execute('return arguments[0].innerText ?? ""', { [ELEMENT]: element })
          if (has(seen)) return seen
        }
        return ''
      },
      seconds,
      () => `${selector} does not show ${words}, but "${seen}"`,
    )
  }

  /** Clicks as the mouse does, once the thing is on screen and enabled. */
  async click(selector, seconds = 20) {
    let refusal = ''
    await this.until(
      async () => {
        const element = (await this.all(selector))[0]
        if (!element) return false
        if (!(await this.ask('GET', `/element/${element}/enabled`))) {
          refusal = 'disabled'
          return false
        }
        try {
          await this.ask('POST', `/element/${element}/click`, {})
          return true
        } catch (error) {
          if (!(error instanceof DriverError)) throw error
          refusal = error.kind
          // A radio button or a box drawn by its label is clicked on the label, as a person does, where it can be seen.
          const shown = await this.execute(
            'const seen = arguments[0].closest("label") ?? arguments[0]; seen.scrollIntoView({ block: "center" }); return seen',
            { [ELEMENT]: element },
          )
          if (error.kind === 'element not interactable' && shown[ELEMENT] !== element) {
            await this.ask('POST', `/element/${shown[ELEMENT]}/click`, {})
            return true
          }
          return false
        }
      },
      seconds,
      () => `${selector} cannot be clicked (${refusal || 'not on screen'})`,
    )
  }

  /** Writes in a field in place of what it holds. */
  async write(selector, text) {
    const element = await this.find(selector)
    if ((await this.ask('GET', `/element/${element}/property/value`)) !== '') {
      await this.ask('POST', `/element/${element}/clear`, {})
    }
    // The driver types the key of a new line, not the character.
    await this.ask('POST', `/element/${element}/value`, { text: text.replaceAll('\n', '\uE007') })
  }

  /** Chooses an option of a list by its value. */
  async choose(selector, value) {
    // The driver takes a list of which an edge is in sight for one that can be clicked, and then finds its middle covered.
    const list = await this.find(selector)
    await this.execute('arguments[0].scrollIntoView({ block: "center" })', { [ELEMENT]: list })
    await this.click(`${selector} option[value="${value}"]`)
  }

  /** Keys to whatever has the focus. */
  async press(text) {
    const element = await this.ask('GET', '/element/active')
    await this.ask('POST', `/element/${element[ELEMENT]}/value`, { text })
  }

  /**
   * What is on the screen, taken from the display: the driver's own pictures wait for the next repaint, which a page that
   * stands still makes once a minute.
   */
  async screenshot(file) {
    mkdirSync(dirname(file), { recursive: true })
    await this.execute('return 0')
    await sleep(150)
    await promisify(execFile)('import', ['-display', this.display, '-window', 'root', file])
  }

  /** The program's process, child of the driver. */
  get pid() {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue
      try {
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')
        if (Number(fields[1]) === this.driver.pid) return Number(name)
      } catch {
        // It ended meanwhile.
      }
    }
    return null
  }

  /** Ends the program at once, with nothing said. */
  async kill() {
    const { pid } = this
    if (pid) process.kill(pid, 'SIGKILL')
    await this.closeDriver()
  }

  async close() {
    const { pid } = this
    await Promise.race([this.ask('DELETE', '').catch(() => {}), sleep(3000)])
    if (pid && isAlive(pid)) process.kill(pid, 'SIGTERM')
    await this.closeDriver()
  }

  async closeDriver() {
    const ended = new Promise((resolve) => this.driver.once('exit', resolve))
    if (this.driver.exitCode !== null || this.driver.signalCode !== null) return
    this.driver.kill('SIGTERM')
    await Promise.race([ended, sleep(2000)])
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A port that nobody has now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** The selector of a thing by its name in the screens. */
export const id = (name) => `[data-testid="${name}"]`
