/**
 * Opens every screen of the window on its mock host in a real Chromium, at three sizes, and checks each with axe and for
 * horizontal scrolling. Pictures are left in target/screens (or in the folder named by the first argument) to be looked at;
 * a second argument keeps only the screens whose name contains it.
 *
 * A screen mostly waits (for a list, for a picture to settle), so several are open at once.
 *
 * What is not here: behaviour (see ui/src and tests/e2e).
 */
import { existsSync, mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'
import { SCREENS } from './catalogue.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pictures = process.argv[2] ?? `${root}target/screens`
const only = process.argv[3]

const SIZES = [
  { name: '1366', width: 1366, height: 768, scale: 1 },
  { name: '1920', width: 1920, height: 1080, scale: 1 },
  // 200 % of a 1366x768 screen: half the space, twice the pixels.
  { name: '200', width: 683, height: 384, scale: 2 },
]

const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Screens open at once: what one computes fits into what the others wait. */
const AT_ONCE = 2 * availableParallelism()

async function main() {
  if (!existsSync(BROWSER)) throw new Error(`no browser at ${BROWSER}: install chromium or name it in CHROMIUM`)
  mkdirSync(pictures, { recursive: true })
  await build({ configFile: `${root}ui/vite.config.ts`, mode: 'mock', logLevel: 'warn' })
  const server = await preview({
    configFile: `${root}ui/vite.config.ts`,
    mode: 'mock',
    logLevel: 'warn',
    preview: { port: 0, host: '127.0.0.1', headers: { 'Content-Security-Policy': POLICY } },
  })
  const address = server.resolvedUrls?.local[0]
  const browser = await chromium.launch({
    executablePath: BROWSER,
    args: [
      '--no-sandbox',
      '--headless=new',
      '--force-color-profile=srgb',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  })
  const screens = SCREENS.filter(({ name }) => !only || name.includes(only))
  const faults = new Map()
  let done = 0
  try {
    const jobs = SIZES.flatMap((size) => screens.map((screen) => ({ screen, size })))
    const next = jobs.values()
    // The clock of a page is its context's, so that each of those at work has contexts of its own.
    const work = async () => {
      const contexts = new Map()
      for (const { screen, size } of next) {
        if (!contexts.has(size)) contexts.set(size, await open(browser, size))
        faults.set(`${screen.name} at ${size.name}`, await judge(contexts.get(size), screen, size, address))
        done += 1
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (done !== screens.length * SIZES.length) throw new Error(`only ${done} of ${jobs.length} were looked at`)
  } finally {
    await browser.close()
    await server.close()
  }
  console.log(`${screens.length} screens at ${SIZES.length} sizes, pictures in ${pictures}`)
  let found = 0
  for (const [name, list] of faults) {
    for (const fault of list) {
      console.log(`  ${name}: ${fault}`)
      found += 1
    }
  }
  process.exit(found === 0 ? 0 : 1)
}

const open = (browser, size) =>
  browser.newContext({
    viewport: { width: size.width, height: size.height },
    deviceScaleFactor: size.scale,
    reducedMotion: 'reduce',
    locale: 'it-IT',
    timezoneId: 'Europe/Rome',
  })

/** What is wrong with one screen at one size; leaves its picture. */
async function judge(context, screen, size, address) {
  const faults = []
  const say = (what) => faults.push(what)
  const page = await context.newPage()
  page.on('pageerror', (error) => say(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/404|favicon/.test(message.text()))
      say(`console: ${message.text().slice(0, 200)}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) say(`asks for ${request.url()}`)
  })
  try {
    await page.clock.setFixedTime(new Date('2026-11-20T10:04:00+01:00'))
    await page.goto(`${address}?scene=${screen.scene}`)
    await screen.open(page)
    await page.waitForTimeout(screen.settle ?? 250)
    await page.screenshot({ path: `${pictures}/${screen.name}-${size.name}.png` })
    const wide = await page.evaluate(() => ({
      page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      panes: [
        ...document.querySelectorAll(
          '.scroll, .frame-main, .pane, dialog[open] .ps-dialog-body, .call-side-body, .report-side, .shell-main',
        ),
      ]
        .filter((pane) => pane.scrollWidth - pane.clientWidth > 1 && getComputedStyle(pane).overflowX !== 'visible')
        .map((pane) => pane.className),
    }))
    if (wide.page > 0) say(`scrolls sideways by ${wide.page} px`)
    for (const pane of wide.panes) say(`${pane} scrolls sideways`)
    // The legacy mode looks at one document, which is all there is (the policy refuses frames), and opens no second page for it.
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode()
      .options({ resultTypes: ['violations'] })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze()
    for (const { id, nodes } of violations) say(`${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`)
  } catch (error) {
    say(String(error).split('\n')[0])
    await page.screenshot({ path: `${pictures}/${screen.name}-${size.name}-failed.png` }).catch(() => {})
  }
  await page.close()
  return faults
}

/** The policy of the window, so that what it would refuse fails here too. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'"

await main()
