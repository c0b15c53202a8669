// `npm run torture`: the proofs of the queue and of the archive at their full size. Hours, in parts.
//
//   npm run torture                       every part, in turn
//   npm run torture -- power-cut kills    the named parts only
//   npm run torture -- --list             the parts and what was last recorded of them
//   npm run torture -- power-cut --share 20     a fifth, a tenth... of a part: a percentage
//
// A part is cut into slices. Each slice that passes is kept in `target/torture/`, so that a part that was interrupted goes on
// from there, as long as what it proves has not changed. Parts may run at the same time, each in its own process. What was run is written to `tests/torture/record.json`
// and to `tests/torture/RECORD.md`: commit, date, duration, counts. What was not run is written as not run.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fail, root, say } from '../../src-tauri/scripts/prepare.mjs'

const cache = (name, extra = []) => [
  'test',
  '--locked',
  '-p',
  'cache',
  '--test',
  'proof',
  name,
  '--',
  '--nocapture',
  ...extra,
]
const parts = [
  {
    name: 'model',
    what: 'stateright: il protocollo della coda, ogni ordine di eventi',
    full: 1,
    unit: 'esplorazioni',
    slices: 1,
    run: () => [cache('protocol::the_rules_hold_with_more', ['--ignored']), {}],
  },
  {
    name: 'table',
    what: 'la tabella vera accanto a un riferimento (proptest)',
    full: 5000,
    unit: 'storie',
    slices: 10,
    run: (_from, count) => [cache('machine::'), { TORTURE_COUNT: count }],
  },
  {
    name: 'power-cut',
    what: 'mancanza di corrente: scritture non sincronizzate perse o strappate',
    full: 10000,
    unit: 'tagli',
    slices: 20,
    run: (from, count) => [cache('power_cut::nothing_acknowledged'), { TORTURE_FROM: from, TORTURE_COUNT: count }],
  },
  {
    name: 'disk-full',
    what: 'disco pieno a una scrittura qualsiasi (due punti per volta: lavoro e apertura)',
    full: 500,
    unit: 'coppie di punti',
    slices: 5,
    run: (from, count) => [cache('disk_full::'), { TORTURE_FROM: from, TORTURE_COUNT: count }],
  },
  {
    name: 'kill-writing',
    what: 'SIGKILL mentre si scrivono richieste, bozze e allegati (dodici per volta)',
    full: 42,
    unit: 'serie di dodici',
    slices: 6,
    run: (_from, count) => [
      ['test', '--locked', '-p', 'cache', '--test', 'store', 'kill::nothing_acknowledged', '--', '--nocapture'],
      { TORTURE_COUNT: count },
    ],
  },
  {
    name: 'kill-starting',
    what: 'SIGKILL mentre un archivio nasce o passa a uno schema nuovo',
    full: 250,
    unit: 'colpi',
    slices: 5,
    run: (from, count) => [cache('kills::a_store_killed'), { TORTURE_FROM: from, TORTURE_COUNT: count }],
  },
  {
    name: 'kill-secret',
    what: 'SIGKILL mentre cambia il segreto della persona',
    full: 250,
    unit: 'colpi',
    slices: 5,
    run: (from, count) => [cache('kills::a_secret_killed'), { TORTURE_FROM: from, TORTURE_COUNT: count }],
  },
  {
    name: 'load',
    what: 'venti postazioni senza finestra, una Regione che cade e si comporta male per dieci minuti',
    full: 2000,
    unit: 'casi',
    slices: 1,
    run: (_from, count) => [
      ['test', '--locked', '-p', 'testkit', '--test', 'station', 'load::', '--', '--nocapture'],
      { STATION_LOAD: `20 ${count} ${Math.round((count / 2000) * 600)}` },
    ],
  },
]

const words = process.argv.slice(2)
const share = words.includes('--share') ? Number(words[words.indexOf('--share') + 1]) / 100 : 1
if (!(share > 0 && share <= 1)) fail('--share vuole una percentuale, da 1 a 100.', 2)
const chosen = words.filter((word, n) => !word.startsWith('--') && words[n - 1] !== '--share')
for (const word of chosen) if (!parts.some((part) => part.name === word)) fail(`Nessuna parte si chiama ${word}.`, 2)

const recordFile = `${root}tests/torture/record.json`
const progressOf = (part) => `${root}target/torture/${part.name}.json`
const read = (file, usual) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : usual)
const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim()
const commit =
  git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '--', 'src-tauri', 'signing') ? '+' : '')
/** What a part proves, as the repository has it: its progress counts as long as this is the same. */
const proved = (part) => git('rev-parse', `HEAD:${part.name === 'load' ? 'src-tauri' : 'src-tauri/crates/cache'}`)

if (words.includes('--list')) {
  for (const { name, what } of parts)
    say(`${name.padEnd(14)} ${what}\n${''.padEnd(14)} ${told(read(recordFile, {})[name])}`)
  process.exit(0)
}

/** Runs one slice; the counts that it printed, or nothing when it failed. */
function slice([args, env]) {
  return new Promise((resolve) => {
    const child = spawn('cargo', args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...Object.fromEntries(Object.entries(env).map(([k, v]) => [k, String(v)])) },
    })
    let out = ''
    child.stdout.on('data', (data) => {
      out += data
    })
    child.on('error', () => resolve(null))
    child.on('close', (code) => {
      if (code !== 0) process.stdout.write(out)
      const counts = {}
      for (const [, line] of out.matchAll(/torture: (.+)/g))
        for (const [, key, value] of line.matchAll(/(\w+)=(\d+)/g)) counts[key] = (counts[key] ?? 0) + Number(value)
      // A filter that meets no test passes too: nothing was proved by it.
      const ran = [...out.matchAll(/test result: ok\. (\d+) passed/g)].some(([, passed]) => Number(passed) > 0)
      resolve(code === 0 && ran ? counts : null)
    })
  })
}

async function run(part) {
  const wanted = Math.max(1, Math.round(part.full * share))
  const size = Math.ceil(part.full / part.slices)
  const before = read(progressOf(part), {})
  const done = before.of === proved(part) ? before : { of: proved(part), count: 0, seconds: 0, counts: {} }
  if (done.count >= wanted) done.count = done.seconds = 0
  if (done.count === 0) done.counts = {}
  else say(`   riprende da ${done.count} ${part.unit}`)
  while (done.count < wanted) {
    const count = Math.min(size, wanted - done.count)
    const began = performance.now()
    const counts = await slice(part.run(done.count, count))
    if (counts === null) return { ...done, wanted, failed: true }
    done.count += count
    done.seconds += (performance.now() - began) / 1000
    for (const [key, value] of Object.entries(counts)) done.counts[key] = (done.counts[key] ?? 0) + value
    mkdirSync(`${root}target/torture`, { recursive: true })
    writeFileSync(progressOf(part), JSON.stringify(done))
    say(`   ${done.count} di ${wanted} ${part.unit}, ${Math.round(done.seconds)} s`)
    keep(part, { ...done, wanted, failed: false })
  }
  return { ...done, wanted, failed: false }
}

function keep(part, result) {
  const record = read(recordFile, {})
  record[part.name] = {
    commit,
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    seconds: Math.round(result.seconds),
    done: result.count,
    full: part.full,
    unit: part.unit,
    counts: result.counts,
    passed: !result.failed,
  }
  writeFileSync(recordFile, `${JSON.stringify(record, null, 2)}\n`)
  const rows = parts.map(({ name, what }) => `| \`${name}\` | ${what} | ${told(record[name])} |`)
  writeFileSync(
    `${root}tests/torture/RECORD.md`,
    `# Le prove lunghe: che cosa è stato eseguito

Scritto da \`npm run torture\`; le date sono UTC. Un \`+\` dopo il commit: con modifiche non ancora registrate.

| Parte | Che cosa prova | Ultima esecuzione |
|---|---|---|
${rows.join('\n')}
`,
  )
}

function told(entry) {
  if (!entry) return '**not run** (non eseguita)'
  const counts = Object.entries(entry.counts).map(([key, value]) => `${key} ${value}`)
  const size =
    entry.done >= entry.full
      ? `intera: ${entry.full} ${entry.unit}`
      : `in parte: ${entry.done} di ${entry.full} ${entry.unit}, il resto **not run**`
  return `${entry.passed ? 'superata' : '**FALLITA**'}, ${size}; ${counts.join(', ')}; commit ${entry.commit}, ${entry.date}, ${entry.seconds} s`
}

let failed = 0
for (const part of parts.filter((part) => chosen.length === 0 || chosen.includes(part.name))) {
  say(`\n== ${part.name}: ${part.what}`)
  const result = await run(part)
  keep(part, result)
  if (result.failed) failed += 1
  say(`== ${part.name}: ${told(read(recordFile, {})[part.name])}`)
}
process.exit(failed === 0 ? 0 : 1)
