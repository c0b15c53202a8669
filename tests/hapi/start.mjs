// `npm run hapi`: starts a stock HAPI FHIR R4 server from Maven Central and runs the queue of the workstation against it.
//
//   npm run hapi             everything
//   npm run hapi -- serve    only the server; its address is written, Ctrl+C ends it
//
// It needs a JDK 17 or later and Maven. The first time some 380 MB come from Maven Central; the server takes about a minute to
// start, and that is why `npm test` does not do this.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = `${root}target/hapi`

const say = (text) => process.stdout.write(`${text}\n`)
const fail = (text) => {
  process.stderr.write(`${text}\n`)
  process.exit(1)
}

for (const tool of ['java', 'mvn']) {
  if (spawnSync(tool, ['-version'], { stdio: 'ignore' }).status !== 0)
    fail(
      `Manca ${tool}: servono un JDK 17 o successivo e Maven (su Debian: sudo apt install default-jdk-headless maven).`,
    )
}

say('HAPI FHIR: prendo da Maven Central ciò che manca e compilo.')
const prepared = spawnSync('mvn', ['-q', '-B', '-f', `${root}tests/hapi/pom.xml`, 'compile'], { stdio: 'inherit' })
if (prepared.status !== 0) fail('Maven non è riuscito: il messaggio è qui sopra.')

say('HAPI FHIR: avvio il server, circa un minuto.')
const separator = process.platform === 'win32' ? ';' : ':'
const began = performance.now()
const server = spawn('java', ['-Xmx1g', '-cp', [`${built}/classes`, `${built}/lib/*`].join(separator), 'Hapi'], {
  stdio: ['ignore', 'pipe', 'ignore'],
})
const stop = () => server.kill()
process.on('exit', stop)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const address = await new Promise((resolve) => {
  createInterface({ input: server.stdout }).on('line', (line) => {
    const found = line.match(/^HAPI FHIR (http:\S+)/)
    if (found) resolve(found[1])
  })
  server.on('close', () => resolve(null))
})
if (!address) fail('Il server HAPI FHIR non è partito.')
say(`HAPI FHIR: ${address}, in ${((performance.now() - began) / 1000).toFixed(0)} s.`)

if (process.argv[2] !== 'serve') {
  const tests = spawn('cargo', ['test', '--locked', '-p', 'acceptance', '--test', 'hapi', '--', '--nocapture'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, POSTAZIONE_HAPI: address },
  })
  tests.on('close', (code) => process.exit(code ?? 1))
}
