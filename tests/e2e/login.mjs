// The way in: the window asks the system browser for the region's page, somebody chooses there who they are, and comes back.
// The driver stands in for the system browser: the training program hands it the address (POSTAZIONE_BROWSER_COMMAND).

import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { id } from './window.mjs'

/** The program that writes the address in a file. */
export function captureBrowser(dir) {
  const file = `${dir}/login-address`
  const command = `${dir}/browser.sh`
  writeFileSync(command, `#!/bin/sh\nprintf '%s' "$1" > '${file}.new' && mv '${file}.new' '${file}'\n`)
  chmodSync(command, 0o755)
  return {
    environment: { POSTAZIONE_BROWSER_COMMAND: command },
    /** The address that the window asked for, once. */
    async address(seconds = 20) {
      for (let waited = 0; !existsSync(file); waited += 0.1) {
        if (waited > seconds) throw new Error('the window did not ask for the browser')
        await sleep(100)
      }
      const address = readFileSync(file, 'utf8')
      rmSync(file)
      return address
    },
  }
}

/** Logs in as a clinician of the region, up to what the window asks next. */
export async function logIn(window, { browser, capture, practitioner, method = 'cns', onPage }) {
  await window.click(id(`login-${method}`))
  const page = await (await browser.newContext({ locale: 'it-IT', viewport: { width: 1366, height: 768 } })).newPage()
  await page.goto(await capture.address())
  await onPage?.(page)
  await page.click(`button[name="practitioner"][value="${practitioner}"]`)
  await page.waitForURL(/127\.0\.0\.1:\d+\/.*(code|state)=/, { timeout: 20_000 }).catch(() => {})
  await page.context().close()
}

/** The first time on this PC: creates the secret. */
export async function createSecret(window, secret) {
  await window.write(id('new-secret'), secret)
  await window.write(id('repeat-secret'), secret)
  await window.click(id('create-secret-submit'))
}

/** Opens or unlocks with the secret. */
export async function giveSecret(window, secret) {
  await window.write(id('secret'), secret)
  await window.click(id('unlock-submit'))
}

/** Chooses the first role offered, and waits for the desk. */
export async function chooseRole(window) {
  await window.click('[data-testid^="role-"]:not([data-testid="role-group"])')
  await window.find(id('role'), 40)
}
