// The demonstration: the journeys of the roles in the real window, with a real browser as the patient and a software token
// as the card. It leaves what they produced in a folder, and it is the end-to-end test of `npm test`.
//
//   npm run demo -- --out DIR            all journeys
//   npm run demo -- --journey s1         the televisit only (mmg, pls, cot: the other roles)
//   --embedded                           the region inside the program, key files in place of the token
//   --verbose                            what the program writes on its terminal

import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { buildPages, fail, prepare, root, run, say } from '../../src-tauri/scripts/prepare.mjs'
import { ADULT, CHILD, teleconsult } from './journeys/teleconsult.mjs'
import { comeIn, televisit } from './journeys/televisit.mjs'
import { transition } from './journeys/transition.mjs'
import { Station } from './station.mjs'
import { Story } from './story.mjs'

const words = process.argv.slice(2)
const has = (name) => words.includes(name)
const value = (name, usual) =>
  has(name) ? (words[words.indexOf(name) + 1] ?? fail(`${name}: manca il valore.`, 2)) : usual
const out = resolve(value('--out', `${root}target/demo`))
const journey = value('--journey', 'all')
const journeys = [
  [
    's1',
    'Giornata del medico specialista',
    async () => {
      await comeIn(story, station)
      await televisit(story, station)
      await station.leave()
    },
  ],
  ['mmg', 'Giornata del medico di famiglia', () => teleconsult(story, station, ADULT)],
  ['pls', 'Giornata del pediatra', () => teleconsult(story, station, CHILD)],
  ['cot', 'Giornata della COT', () => transition(story, station)],
]
if (journey !== 'all' && !journeys.some(([name]) => name === journey)) fail(`Nessuna giornata si chiama ${journey}.`, 2)

if (!has('--prepared')) {
  prepare('build', 'run', 'walk')
  buildPages()
}
if (!has('--built')) {
  say('Costruisco il programma, la regione di prova, la carta e il film di prova...')
  buildAll()
}

/** Everything that the journeys run. */
function buildAll() {
  // The whole workspace at once, with the features that the tests have built already.
  run('cargo', ['build', '--locked', '--workspace', '--bins', '--examples'])
}

const began = performance.now()
const log = has('--verbose') ? (text) => process.stderr.write(text) : undefined
const story = new Story(out)
let station
let failure
try {
  station = await Station.open({ token: !has('--embedded'), embedded: has('--embedded'), log })
  story.shows(station.window)
  for (const [name, title, tell] of journeys) {
    if (journey !== 'all' && journey !== name) continue
    say(title)
    await tell()
  }
  story.write('receipts.json', story.receipts)
  if (story.receipts.some(({ step }) => step === 'delivered')) check(`${out}/report.pdf`)
} catch (error) {
  failure = error
} finally {
  await station?.close()
}
if (failure) {
  process.stderr.write(`\n${failure.stack}\n`)
  process.exit(1)
}
say(
  `Fatto in ${((performance.now() - began) / 1000).toFixed(0)} s. In ${out}: report.pdf, cda.xml, trust.pem, receipts.json, call.json, screens/`,
)

/** The PDF is signed, as a common reader sees it; the referees look closer. */
function check(file) {
  const read = spawnSync('pdfsig', ['-nocert', file], { encoding: 'utf8' })
  if (!/Signature Validation: Signature is Valid/.test(read.stdout))
    throw new Error(`pdfsig: ${read.stdout}${read.stderr}`)
}
