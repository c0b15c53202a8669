import { expect, test } from 'vitest'
import * as catalogues from '.'
import { errors } from './errors'
import { findings } from './findings'

const wordsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(wordsOf)
      : []

const all = [catalogues, errors, findings].flatMap(wordsOf)

test('nothing shouts, and nothing says RSA', () => {
  for (const words of all) {
    expect(words).not.toMatch(/!/)
    expect(words).not.toMatch(/\bRSA\b/)
  }
})

test('an error says what happened, what was kept and what to do, each in whole sentences', () => {
  for (const [code, sentence] of Object.entries(errors))
    for (const part of Object.values(sentence)) expect(part, code).toMatch(/^[A-ZÈÀ].*\.$/s)
})
