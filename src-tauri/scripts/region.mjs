// `npm run region`: the region sandbox alone, for a workstation started with --region or on another PC's loopback tests.
import { spawn } from 'node:child_process'
import { buildBinary, prepare, root, say } from './prepare.mjs'

prepare('build')
say('Costruisco la regione di prova...')
buildBinary('region-sandbox')
const args = process.argv.slice(2)
if (!args.includes('--data')) args.push('--data', `${root}target/region`)
const region = spawn(`${root}target/debug/region-sandbox`, args, { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => region.kill(signal))
region.on('exit', (code) => process.exit(code ?? 0))
