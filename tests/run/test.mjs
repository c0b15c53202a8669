// `npm test`: installs what is missing, then runs every suite and says how long each took.
//
//   npm test                 everything
//   npm test -- rust ui      only the named suites (lint, ui, rust, packaged, accessibility, citizen, journeys)
//
// Checks made by referees written by others (the Ministry's schematron, pyHanko...) take part when POSTAZIONE_SHARED names
// the folder that holds `tools/`; without it they are counted and named as not run. Set but missing is a failure.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { buildPages, fail, prepare, root, say } from '../../src-tauri/scripts/prepare.mjs'

const node = process.execPath
const suites = [
  { name: 'lint', what: 'stile e regole del codice', steps: [[node, ['tests/run/lint.mjs', '--prepared']]] },
  { name: 'ui', what: 'schermate', steps: [[node, ['node_modules/vitest/vitest.mjs', 'run', '--root', 'ui']]] },
  {
    name: 'rust',
    what: 'regole, archivio, firma, regione, chiamate, casi d’uso',
    steps: [['cargo', ['test', '--locked', '--workspace', '--no-fail-fast', '--', '--show-output']]],
  },
  {
    name: 'packaged',
    what: 'il programma da distribuire, senza le parti di prova',
    steps: [[node, ['tests/run/packaged.mjs']]],
  },
  {
    name: 'accessibility',
    what: 'ogni schermata con axe, a tre misure',
    steps: [[node, ['tests/accessibility/screens.mjs', 'target/accessibility']]],
  },
  {
    name: 'citizen',
    what: 'le pagine del cittadino in un vero browser',
    steps: [[node, ['--test', 'tests/citizen/call.test.mjs']]],
  },
  {
    name: 'journeys',
    what: 'le giornate dei quattro ruoli nella finestra vera',
    steps: [
      [node, ['tests/e2e/demo.mjs', '--prepared', '--out', 'target/demo']],
      [node, ['--test', '--test-concurrency=1', 'tests/e2e/']],
    ],
  },
]

const shared = process.env.POSTAZIONE_SHARED
if (shared && !existsSync(`${shared}/tools`))
  fail(`POSTAZIONE_SHARED indica ${shared}, dove non c'è la cartella tools.`)

const chosen = process.argv.slice(2).filter((word) => !word.startsWith('-'))
for (const word of chosen) if (!suites.some((suite) => suite.name === word)) fail(`Nessuna prova si chiama ${word}.`, 2)
const todo = suites.filter((suite) => chosen.length === 0 || chosen.includes(suite.name))

prepare('build', 'run', 'walk', 'test')
buildPages()

const notRun = new Set()

/** Runs one command, showing its output and watching it for referees that did not take part. */
function step(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let rest = ''
    child.stdout.on('data', (data) => {
      process.stdout.write(data)
      const lines = (rest + data).split('\n')
      rest = lines.pop()
      for (const line of lines) {
        const found = line.match(/referee check not run: (.+)/)
        if (found) notRun.add(found[1].trim())
      }
    })
    child.on('error', () => resolve(false))
    child.on('close', (code) => resolve(code === 0))
  })
}

const results = []
for (const suite of todo) {
  say(`\n== ${suite.name}: ${suite.what}`)
  const began = performance.now()
  let passed = true
  for (const [command, args] of suite.steps) passed = (await step(command, args)) && passed
  results.push({ name: suite.name, passed, seconds: (performance.now() - began) / 1000 })
  say(`== ${suite.name}: ${passed ? 'superata' : 'FALLITA'} in ${results.at(-1).seconds.toFixed(1)} s`)
}

say('\nSuite            esito       secondi')
for (const { name, passed, seconds } of results) {
  say(`${name.padEnd(16)} ${(passed ? 'superata' : 'FALLITA').padEnd(10)} ${seconds.toFixed(1).padStart(8)}`)
}
if (notRun.size > 0) say(`\n${notRun.size} referee checks not run: ${[...notRun].sort().join(', ')}`)
const failed = results.filter((result) => !result.passed).length
say(`\nsuites: ${results.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
