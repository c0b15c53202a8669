// `npm run bench`: what the program costs, in a release build, each figure beside its peer in the same run.
//
//   npm run bench                    a table
//   npm run bench -- --json FILE     also an array of {name, value, unit, peer, peer_value, ratio, aim, met}
//   npm run bench -- --runs N        runs of each figure (5 unless said); the median is told
//
// A figure with a peer is measured in turn with it; `ratio` is value over peer_value. It fails only when a run is broken: a figure is
// never a test.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildPages, fail, prepare, root, run, say } from '../../src-tauri/scripts/prepare.mjs'

const words = process.argv.slice(2)
const value = (name, usual) =>
  words.includes(name) ? (words[words.indexOf(name) + 1] ?? fail(`${name}: manca il valore.`, 2)) : usual
const runs = Number(value('--runs', '5'))
const file = value('--json', null)

prepare('build', 'run', 'walk')
buildPages()
say('Costruisco il programma e la regione di prova, ottimizzati (la prima volta richiede parecchi minuti)...')
run('cargo', ['build', '--locked', '--release', '-p', 'workstation', '-p', 'region-sandbox', '--bins'])
run('cargo', ['build', '--locked', '-p', 'testkit', '--example', 'soft_token'])
run('cargo', ['build', '--locked', '-p', 'media', '--example', 'stamped_y4m'])
process.env.POSTAZIONE_BINARY = `${root}target/release/postazione`
process.env.REGION_SANDBOX = `${root}target/release/region-sandbox`

// After the environment is set: the drivers read it when they are loaded.
const { clinicianDoor, logIn } = await import('../citizen/region.mjs')
const { comeIn, televisit } = await import('../e2e/journeys/televisit.mjs')
const { openBrowser } = await import('../e2e/patient.mjs')
const { PEOPLE, Station } = await import('../e2e/station.mjs')
const { Story } = await import('../e2e/story.mjs')
const { id } = await import('../e2e/window.mjs')

const PATIENT = 'marottoli-assunta'
const figures = []

function figure(name, unit, values, { peer = null, peerValues = null, aim = null } = {}) {
  const own = median(values)
  const other = peerValues === null ? null : median(peerValues)
  const ratio = other ? own / other : null
  const met = aim === null ? null : ratio !== null && ratio <= aim
  figures.push({
    name,
    value: round(own, 3),
    unit,
    peer,
    peer_value: other === null ? null : round(other, 3),
    ratio: ratio === null ? null : round(ratio, 3),
    aim,
    met,
  })
  const beside = other === null ? '' : `  (${peer}: ${round(other)} ${unit}, rapporto ${ratio.toFixed(2)})`
  say(`  ${name}: ${round(own)} ${unit}${beside}`)
}

/** The figures that a program of its own measures, each beside its peer. */
function measured(crate, example, ...more) {
  const done = spawnSync(
    'cargo',
    ['run', '--locked', '--release', '-p', crate, '--example', example, '--', String(runs), ...more],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1 << 24,
    },
  )
  if (done.status !== 0) throw new Error(`the figures of ${example} were not measured`)
  for (const { name, unit, values, peer, peer_values: peerValues, aim } of JSON.parse(done.stdout))
    figure(name, unit, values, { peer, peerValues, aim })
}

/** pyHanko in an environment of its own below `target`; nothing when it cannot be had, and then its figure says so. */
function pyhanko() {
  const folder = `${root}target/bench/pyhanko`
  const python = process.platform === 'win32' ? `${folder}/Scripts/python.exe` : `${folder}/bin/python`
  const done = (command, words) => spawnSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const here = () => done(python, ['-c', 'import pyhanko.sign.pkcs11, pkcs11'])
  const had =
    here() ||
    (done('python3', ['-m', 'venv', folder]) &&
      done(python, ['-m', 'pip', 'install', '--quiet', 'pyhanko[pkcs11]==0.38.*']) &&
      here())
  if (!had) say('  pyHanko non si è potuto installare: la sua parte non è misurata.')
  return had ? [python, `${root}tests/bench/pyhanko_sign.py`] : []
}

const round = (number, digits = 1) => Number(number.toFixed(digits))
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]

/** Memory of a process and its descendants that is theirs alone, shared pages divided (PSS), in megabytes. */
function memory(pid) {
  const children = new Map()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const parent = Number(readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').at(-1).split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
    } catch {
      // Ended meanwhile.
    }
  }
  let kilobytes = 0
  const todo = [pid]
  while (todo.length > 0) {
    const one = todo.pop()
    todo.push(...(children.get(one) ?? []))
    try {
      kilobytes += Number(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)?.[1] ?? 0)
    } catch {
      // Ended meanwhile.
    }
  }
  return kilobytes / 1024
}

/** Opens Chromium on the citizen's own page, as a person would, and says how long it took and what it weighs at rest. */
async function chromium(portal) {
  const began = performance.now()
  const browser = await openBrowser()
  const page = await browser.newPage()
  await page.goto(`${portal}/${PATIENT}`)
  await page.locator('main').first().waitFor()
  const opened = performance.now() - began
  await sleep(5000)
  const weight = descendants(process.pid, /chrom/)
  await browser.close()
  return { opened, weight }
}

/** Memory of the topmost descendants whose command matches. */
function descendants(from, name) {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const parent = Number(readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').at(-1).split(' ')[1])
      if (parent === from && name.test(readFileSync(`/proc/${entry}/cmdline`, 'utf8'))) return memory(Number(entry))
    } catch {
      // Ended meanwhile.
    }
  }
  throw new Error(`no process ${name} below ${from}`)
}

async function startUp() {
  const own = { opened: [], weight: [] }
  const peer = { opened: [], weight: [] }
  const station = await Station.open({ token: false, film: false })
  try {
    for (let n = 0; n < runs; n += 1) {
      await station.window.kill()
      const began = performance.now()
      await station.openWindow()
      await station.window.find(id('login-cns'))
      own.opened.push(performance.now() - began)
      await sleep(5000)
      own.weight.push(memory(station.window.pid))
      const other = await chromium(station.portalAddress)
      peer.opened.push(other.opened)
      peer.weight.push(other.weight)
    }
  } finally {
    await station.close()
  }
  figure('avvio fino alla finestra utilizzabile', 'ms', own.opened, {
    peer: 'Chromium sulla pagina del cittadino',
    peerValues: peer.opened,
  })
  figure('memoria a riposo (PSS)', 'MB', own.weight, {
    peer: 'Chromium sulla pagina del cittadino',
    peerValues: peer.weight,
  })
}

/**
 * *Cambia utente*: from the key that locks to the day of the next person, who is known to this PC. The aim is 5 seconds, the typing
 * of the secret included.
 */
async function changeUser() {
  const took = []
  const people = [PEOPLE.cardiologist, PEOPLE.nephrologist]
  const station = await Station.open({ token: false, film: false })
  try {
    const { window } = station
    for (const person of people) {
      await station.enter(person)
      await window.find(id('agenda'), 40)
      if (person !== people.at(-1)) await station.leave()
    }
    const known = (await window.invoke('station_state')).people
    for (let n = 0; n < 2 * runs; n += 1) {
      const next = people[n % 2]
      const { person } = known.find(
        ({ person: who }) => `${who.given} ${who.family}`.toLowerCase() === next.name.toLowerCase(),
      )
      await sleep(2000)
      const began = performance.now()
      await window.press('\uE009l')
      await window.click(id('change-user'))
      await window.click(id(`known-${person.id}`))
      await station.unlock()
      await window.find(`${id('agenda')}, ${id('agenda-empty')}`, 40)
      took.push(performance.now() - began)
    }
  } finally {
    await station.close()
  }
  figure('Cambia utente, dal tasto alla pagina del successivo', 'ms', took)
}

/** From the patient's offer to the first decoded picture, between two Chromiums on the same region. */
async function firstPictureOfChromium(station) {
  const token = await logIn(station.region.base, 'valmori-irene')
  const door = await clinicianDoor(station.region.base, token)
  const patient = await station.openPatient()
  try {
    const appointment = await patient.enterWaitingRoom(PATIENT)
    const context = await station.browser.newContext({ permissions: ['camera', 'microphone'] })
    const clinician = await context.newPage()
    await clinician.goto(`${door.address}/?appointment=${appointment}`)
    await clinician.waitForFunction(() => window.ready)
    await clinician.evaluate(() => window.end.open())
    const ms = await clinician.evaluate(async () => {
      const { end } = window
      end.say({ type: 'admit' })
      let offered
      for (;;) {
        const now = performance.now()
        if (offered === undefined && end.heard.some(({ type }) => type === 'description')) offered = now
        if (offered !== undefined && end.connection && (await end.totals()).framesDecoded > 0)
          return performance.now() - offered
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })
    await clinician.evaluate(() => window.end.say({ type: 'bye', reason: 'interrupted' }))
    await context.close()
    return ms
  } finally {
    await patient.close()
    door.close()
  }
}

async function callAndDelivery() {
  const own = []
  const peer = []
  const delivered = []
  for (let n = 0; n < Math.min(runs, 3); n += 1) {
    const station = await Station.open({})
    const story = new Story(`${root}target/bench`)
    try {
      peer.push(await firstPictureOfChromium(station))
      story.shows(station.window)
      await comeIn(story, station)
      await televisit(story, station)
      const call = JSON.parse(readFileSync(`${root}target/bench/call.json`, 'utf8'))
      own.push(call.workstation.first_picture_ms)
      if (story.deliveredAfterMs !== null) delivered.push(story.deliveredAfterMs)
    } finally {
      await station.close()
    }
  }
  figure('prima immagine del paziente', 'ms', own, { peer: 'Chromium con Chromium', peerValues: peer })
  figure('da Firma e invia a Consegnato', 'ms', delivered)
}

measured('cache', 'queue_figures')
measured('signing', 'signing_figures', ...pyhanko())
await startUp()
await changeUser()
await callAndDelivery()

say('\nFigura                                        valore         accanto a                              rapporto')
for (const { name, value: own, unit, peer, peer_value: other, ratio } of figures) {
  const beside = peer === null ? '' : `${peer}: ${other} ${unit}`
  say(`${name.padEnd(44)} ${`${own} ${unit}`.padEnd(14)} ${beside.padEnd(38)} ${ratio ?? ''}`)
}
if (file) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`)
