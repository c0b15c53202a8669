// A card for an invented clinician: a SoftHSM2 token with its own authority, read by the program through PKCS#11.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const maker = fileURLToPath(new URL('../../target/debug/examples/soft_token', import.meta.url))

/** Makes the token; `environment` is what the program needs to see it. */
export function makeToken({ dir, name, fiscalCode, pin }) {
  const made = spawnSync(maker, ['--dir', dir, '--name', name, '--fiscal-code', fiscalCode, '--pin', pin], {
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`the token was not made: ${made.stderr || made.error?.message}`)
  const { module, conf, trust } = JSON.parse(made.stdout)
  return {
    pin,
    trust,
    environment: { SOFTHSM2_CONF: conf, POSTAZIONE_PKCS11: module, POSTAZIONE_SIGNATURE_ROOTS: trust },
  }
}
