// `npm run dss`: has EU DSS, the Commission's own library (Maven Central, eu.europa.ec.joinup.sd-dss), judge what `signing` makes,
// and `firma verify` judge what EU DSS makes.
//
// It needs a JDK 17 or later and Maven. The first time some 25 MB come from Maven Central, and that is why `npm test` does not do
// this; it counts the check as not run.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = `${root}target/dss`

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

say('EU DSS: prendo da Maven Central ciò che manca e compilo.')
const prepared = spawnSync('mvn', ['-q', '-B', '-f', `${root}tests/dss/pom.xml`, 'compile'], { stdio: 'inherit' })
if (prepared.status !== 0) fail('Maven non è riuscito: il messaggio è qui sopra.')

const separator = process.platform === 'win32' ? ';' : ':'
const tests = spawnSync('cargo', ['test', '--locked', '-p', 'signing', '--test', 'dss', '--', '--nocapture'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, POSTAZIONE_DSS: [`${built}/classes`, `${built}/lib/*`].join(separator) },
})
process.exit(tests.status ?? 1)
