// What the demonstration left, before its referees: the record, the signature, both ends' counts, the receipts, the pictures.
// The demonstration runs first (`npm test` does it); its folder is target/demo, or POSTAZIONE_DEMO.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const out = resolve(root, process.env.POSTAZIONE_DEMO ?? 'target/demo')
const shared = process.env.POSTAZIONE_SHARED
const read = (name) => JSON.parse(readFileSync(`${out}/${name}`, 'utf8'))

/** A referee written by others takes part when the folder of its tools is named. */
function referee(name, run) {
  test(name, (context) => {
    if (!shared) {
      process.stdout.write(`referee check not run: ${name}\n`)
      return context.skip('POSTAZIONE_SHARED is not set')
    }
    assert.ok(existsSync(`${shared}/tools`), 'POSTAZIONE_SHARED names a folder without tools')
    return run(`${shared}/tools`)
  })
}

function passes(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}${done.stderr}${done.error ?? ''}`)
  return done.stdout
}

referee('the demonstration’s CDA against the Ministry’s schematron', (tools) => {
  passes(`${tools}/validate-cda`, [`${out}/cda.xml`])
})

referee('the demonstration’s signature as PAdES B-B for the FSE', (tools) => {
  passes(`${tools}/validate-pades`, [`${out}/report.pdf`, '--trust', `${out}/trust.pem`, '--expect', 'B-B', '--fse'])
})

test('a common reader finds the signature valid over the whole document', () => {
  const said = passes('pdfsig', ['-nocert', `${out}/report.pdf`])
  assert.match(said, /Signature is Valid/)
  assert.match(said, /Total document signed/)
})

test('the record in the PDF is the one beside it, of the patient who was seen', () => {
  const cda = readFileSync(`${out}/cda.xml`, 'utf8')
  assert.match(cda, /MRTSNT55C52X000I/)
  assert.match(cda, /75496-0/)
  assert.match(cda, /Prosegue la terapia in atto/)
})

test('both ends counted pictures and sound for at least twenty seconds', () => {
  const call = read('call.json')
  assert.ok(call.seconds >= 20, `${call.seconds} s`)
  for (const end of ['workstation', 'patient']) {
    const { video, audio, first_picture_ms, chat_received } = call[end]
    const { sent, received, decoded, drawn } = video
    assert.ok(sent > 0 && received > 0 && decoded > 0 && drawn > 0, `${end}: ${JSON.stringify(video)}`)
    assert.ok(drawn <= decoded, `${end} drew ${drawn} of ${decoded}: it counts more than it has`)
    assert.ok(decoded <= received, `${end} decoded ${decoded} of ${received}`)
    assert.ok(
      audio.packets_sent > 0 && audio.packets_received > 0 && audio.level_dbfs > -60,
      `${end}: ${JSON.stringify(audio)}`,
    )
    assert.ok(first_picture_ms > 0 && chat_received >= 1, end)
  }
})

test('every receipt of the region has its moment and its identifier, in order', () => {
  const receipts = read('receipts.json')
  const steps = receipts.map(({ step }) => step)
  assert.deepEqual(steps.slice(0, 5), ['validated', 'signed', 'delivered', 'on_portal', 'in_fse'])
  for (const { step, at, id } of receipts) {
    assert.ok(Number.isFinite(Date.parse(at)), `${step}: ${at}`)
    assert.ok(typeof id === 'string' && id.length > 5, `${step}: ${id}`)
  }
  for (const wanted of ['teleconsult_requested', 'teleconsult_acknowledged', 'handover_accepted'])
    assert.ok(steps.includes(wanted), wanted)
})

test('there is a picture of each step, in order and of the window’s size', () => {
  const pictures = readdirSync(`${out}/screens`).sort()
  const numbers = [...new Set(pictures.map((name) => Number(name.slice(0, 2))))]
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
    'a step has no picture',
  )
  assert.ok(numbers.length > 40, `${numbers.length} steps`)
  for (const name of pictures) {
    const png = readFileSync(`${out}/screens/${name}`)
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1366, 768], name)
    assert.ok(png.length > 8000, `${name} is empty`)
  }
})
