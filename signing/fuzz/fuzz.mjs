// Fuzzes the parsers of the signing module, on stable Rust: `node signing/fuzz/fuzz.mjs [words]`.
//
//   --minutes N      for each target (10 unless said)
//   --only NAME      one target, by the name of its folder in `corpus/`
//   --keep           the corpus takes in what reached something new, minimised
//   --table          only writes the table again
//
// It needs cargo-fuzz (`cargo install cargo-fuzz`); RUSTC_BOOTSTRAP stands in for a nightly
// compiler. What was executed is added to `record.json` and told in `RECORD.md`. An input that breaks something stays in
// `artifacts/`: it goes, with a name that says what it did, into `corpus/`, which `cargo test -p signing --test replay` replays.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const words = process.argv.slice(2)
const value = (name, usual) => (words.includes(name) ? words[words.indexOf(name) + 1] : usual)
const all = readdirSync(`${here}corpus`)
const seconds = Math.round(Number(value('--minutes', '10')) * 60)
const targets = all.filter((name) => name === value('--only', name))
const environment = { ...process.env, RUSTC_BOOTSTRAP: '1' }
const fuzz = (...words) =>
  spawnSync('nice', ['-n', '19', 'cargo', 'fuzz', ...words], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
    maxBuffer: 1 << 28,
  })

const records = JSON.parse(readFileSync(`${here}record.json`, 'utf8'))
const git = (...words) => spawnSync('git', words, { cwd: here, encoding: 'utf8' }).stdout.trim()
const changed = git('status', '--porcelain', '--', '../src') === '' ? '' : '+'
const commit = `${git('rev-parse', '--short=12', 'HEAD')}${changed}`
let broken = false
for (const target of words.includes('--table') ? [] : targets) {
  // A corpus of its own, so that a run leaves the kept one alone.
  const grown = `${here}target/corpus/${target}`
  mkdirSync(grown, { recursive: true })
  const done = fuzz('run', '-s', 'none', target, grown, `${here}corpus/${target}`, '--', ...limits())
  process.stderr.write(done.stderr.split('\n').slice(-12).join('\n'))
  const runs = Number(done.stderr.match(/stat::number_of_executed_units:\s+(\d+)/)?.[1] ?? 0)
  const reached = Number([...done.stderr.matchAll(/ cov: (\d+) /g)].at(-1)?.[1] ?? 0)
  broken ||= done.status !== 0
  records.push({
    target,
    runs,
    seconds,
    reached,
    broken: done.status !== 0,
    commit,
    at: new Date().toISOString().slice(0, 16),
  })
  if (words.includes('--keep'))
    fuzz('run', '-s', 'none', target, `${here}corpus/${target}`, grown, '--', '-merge=1', '-max_len=32768')
}
writeFileSync(`${here}record.json`, `${JSON.stringify(records, null, 2)}\n`)
writeFileSync(`${here}RECORD.md`, table())
process.exit(broken ? 1 : 0)

function limits() {
  return [
    `-max_total_time=${seconds}`,
    '-timeout=25',
    '-rss_limit_mb=2048',
    '-max_len=65536',
    '-print_final_stats=1',
  ]
}

function table() {
  const rows = all.map((target) => {
    const own = records.filter((record) => record.target === target)
    if (own.length === 0) return `| \`${target}\` | **not run** (mai eseguito) | | | |`
    const sum = (key) => own.reduce((total, record) => total + record[key], 0)
    const last = own.at(-1)
    const found = own.filter((record) => record.broken).length
    return `| \`${target}\` | ${sum('runs')} | ${Math.round(sum('seconds') / 60)} | ${found} | ${last.commit}, ${last.at.replace('T', ' ')}; ${last.reached} punti raggiunti |`
  })
  return `# Fuzzing: che cosa è stato eseguito

Scritto da \`node signing/fuzz/fuzz.mjs\`; le date sono UTC. Un \`+\` dopo il commit: con modifiche non ancora registrate.

| Porta | Dati provati in tutto | Minuti | Esecuzioni fermate da un difetto | Ultima esecuzione |
|---|---|---|---|---|
${rows.join('\n')}
`
}
