import { expect, test } from 'vitest'
import { age, bytes, nearDay, personName, shiftDay, span, stopwatch, when } from './format'

test('an instant reads as day and hour of Campania, in winter and in summer', () => {
  expect(when('2026-11-20T15:30:00Z')).toBe('ven 20 nov, 16:30')
  expect(when('2026-07-01T15:30:00Z')).toBe('mer 1 lug, 17:30')
  expect(when('2026-11-20T23:30:00Z'), 'after midnight in Campania it is the next day').toBe('sab 21 nov, 00:30')
})

test('age is in months under two years, in years after', () => {
  expect(age({ age_months: 14, age_years: 1 })).toBe('14 mesi')
  expect(age({ age_months: 1, age_years: 0 })).toBe('1 mese')
  expect(age({ age_months: null, age_years: 2 })).toBe('2 anni')
})

test('near days have a name', () => {
  const now = new Date('2026-11-20T10:00:00Z')
  expect(nearDay('2026-11-21', now)).toBe('domani')
  expect(nearDay('2026-11-19T09:00:00Z', now)).toBe('ieri')
  expect(nearDay('2026-11-25', now)).toBe('mer 25 nov')
  expect(shiftDay('2026-02-28', 1)).toBe('2026-03-01')
})

test('figures', () => {
  expect(span(5 * 86_400_000 - 3_600_000)).toBe('4 giorni e 23 ore')
  expect(span(60_000)).toBe('1 minuto')
  expect(stopwatch(462)).toBe('07:42')
  expect(stopwatch(3_762)).toBe('1:02:42')
  expect(bytes(2_100_000)).toBe('2,1 MB')
  expect(personName({ family: "D'Aniello", given: 'Zoè' })).toBe("D'ANIELLO Zoè")
})
