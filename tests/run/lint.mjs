// `npm run lint`: format and rules, for Rust and for the window. Reads only; nothing is rewritten.
import { spawnSync } from 'node:child_process'
import { prepare, root, say } from '../../src-tauri/scripts/prepare.mjs'

if (!process.argv.includes('--prepared')) prepare('build')
const node = process.execPath
const checks = [
  ['rustfmt', 'cargo', ['fmt', '--all', '--check']],
  ['clippy', 'cargo', ['clippy', '--locked', '--workspace', '--all-targets', '--', '-D', 'warnings']],
  [
    'biome',
    node,
    ['node_modules/@biomejs/biome/bin/biome', 'ci', '--config-path=.biome.json', 'ui', 'tests', 'src-tauri/scripts'],
  ],
  ['types of the window', node, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'ui']],
  ['generated types are committed', 'git', ['diff', '--exit-code', '--stat', '--', 'ui/src/ipc/generated']],
]
const deny = spawnSync('cargo', ['deny', '--version'], { stdio: 'ignore' }).status === 0
if (deny) checks.push(['cargo-deny', 'cargo', ['deny', '--config', '.deny.toml', 'check', '--hide-inclusion-graph']])
else say('cargo-deny non è installato: licenze e avvisi non controllati (cargo install cargo-deny).')

let failed = 0
for (const [name, command, args] of checks) {
  const began = performance.now()
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  say(`${name}: ${status === 0 ? 'ok' : 'FALLITO'} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  if (status !== 0) failed += 1
}
process.exit(failed === 0 ? 0 : 1)
