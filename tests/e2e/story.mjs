// A journey told step by step: each step has a name, a time and a picture of the window; the first that fails ends the story.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

export class Story {
  constructor(out) {
    this.out = out
    this.number = 0
    this.receipts = []
    rmSync(`${out}/screens`, { recursive: true, force: true })
    mkdirSync(`${out}/screens`, { recursive: true })
  }

  /** The window whose pictures are taken. */
  shows(view) {
    this.view = view
  }

  /** Runs one step, prints its name and time, and keeps a picture of its end. */
  async step(name, act) {
    this.number += 1
    const label = `${String(this.number).padStart(2, '0')}-${name}`
    const began = performance.now()
    process.stdout.write(`  ${label.padEnd(44)}`)
    try {
      const answer = await act()
      await this.picture(label)
      process.stdout.write(`${seconds(began)}\n`)
      return answer
    } catch (error) {
      process.stdout.write(`${seconds(began)}  FALLITO\n`)
      await this.picture(`${label}-fallito`).catch(() => {})
      error.message = `${label}: ${error.message}`
      throw error
    }
  }

  async picture(label) {
    await this.view?.screenshot(`${this.out}/screens/${label}.png`)
  }

  /** Receipts of the region: what, when, under which identifier. */
  receipt(step, at, id) {
    this.receipts.push({ step, at, id })
  }

  write(name, value) {
    writeFileSync(
      `${this.out}/${name}`,
      typeof value === 'string' || value instanceof Uint8Array ? value : `${JSON.stringify(value, null, 2)}\n`,
    )
  }
}

const seconds = (began) => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`
