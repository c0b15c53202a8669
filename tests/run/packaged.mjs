// Builds the program as it is distributed (no default features) and looks inside it: neither the region sandbox
// nor PKCS#12 identities may be there.
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { fail, root, run, say } from '../../src-tauri/scripts/prepare.mjs'

// The same target folder, so that the dependencies are built once; the training program is put back at the end.
const training = `${root}target/debug/postazione`
const kept = `${root}target/postazione-training`
// The whole workspace, as the tests and the journeys build it: asked alone, a package takes other features of the same crates,
// and they would be compiled once more.
run('cargo', ['build', '--locked', '--workspace', '--bins', '--examples'])
copyFileSync(training, kept)
run('cargo', ['build', '--locked', '-p', 'workstation', '--no-default-features'])
const packaged = `${root}target/postazione-packaged`
copyFileSync(training, packaged)
copyFileSync(kept, training)
const binary = readFileSync(packaged)
// Words that only those parts carry; each is first looked for in the training build, so that a renamed word fails here.
const marks = ['/expire-tokens', 'persone inventate', 'Radice di formazione']
const trainingBinary = readFileSync(kept)
for (const mark of marks) {
  if (!trainingBinary.includes(mark))
    fail(`"${mark}" non è nemmeno nella versione di prova: il controllo non prova nulla.`)
  if (binary.includes(mark)) fail(`"${mark}" è nel programma da distribuire.`)
}
const tree = spawnSync(
  'cargo',
  ['tree', '--locked', '-p', 'workstation', '--no-default-features', '-e', 'normal', '--prefix', 'none'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
for (const crate of ['region-sandbox', 'testkit', 'p12-keystore', 'axum']) {
  if (new RegExp(`^${crate} v`, 'm').test(tree.stdout))
    fail(`${crate} è tra le dipendenze del programma da distribuire.`)
}
if (!/^tauri v/m.test(tree.stdout)) fail('Non leggo le dipendenze del programma.')
const asked = spawnSync(packaged, ['--version'], { encoding: 'utf8' })
if (asked.status !== 0) fail('Il programma da distribuire non parte.')
say(`Il programma da distribuire non contiene le parti di prova (${asked.stdout.trim()}).`)
