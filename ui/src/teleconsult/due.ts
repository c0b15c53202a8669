/** By when, in words. What is late or near is said first in words, then by colour. */
import type { useTranslation } from 'react-i18next'
import { briefSpan, isoDay, shiftDay, weekday, when } from '../i18n/format'
import type { TeleconsultRowView } from '../ipc/generated/TeleconsultRowView'

type T = ReturnType<typeof useTranslation<'teleconsult'>>['t']
export type DueTone = 'danger' | 'warn' | 'plain'
export type Due = { words: string; tone: DueTone }

export function dueOf(row: Pick<TeleconsultRowView, 'due' | 'state'>, t: T, now = Date.now()): Due | null {
  if (row.state === 'needs_information') return { words: t('stopped'), tone: 'plain' }
  if (!row.due) return null
  const left = Date.parse(row.due) - now
  if (left < 0) return { words: t('overdue', { span: briefSpan(-left) }), tone: 'danger' }
  const today = isoDay(new Date(now))
  const on = isoDay(new Date(row.due))
  if (on === today) return { words: t('left', { span: briefSpan(left) }), tone: 'warn' }
  if (on === shiftDay(today, 1)) return { words: t('tomorrow'), tone: 'plain' }
  return { words: t('by', { on: weekday(on) }), tone: 'plain' }
}

/** Late, or ending before midnight. */
export const isPressing = (row: Pick<TeleconsultRowView, 'due'>, now = Date.now()) =>
  row.due !== null && (Date.parse(row.due) < now || isoDay(new Date(row.due)) === isoDay(new Date(now)))

/** The one sentence of a case: *Tocca a: cardiologia, entro ven 20 nov, 16:30*. */
export function turnLine(row: TeleconsultRowView, t: T, now = Date.now()): string {
  if (row.state === 'acknowledged') return t('turnOver')
  if (row.state === 'queued') return t('turnQueue')
  if (row.opinion_due) return t('turnOpinion')
  const who = row.my_turn && row.state !== 'requested' ? t('turnYou') : whose(row)
  if (!row.due) return t('turnLine', { who })
  const late = Date.parse(row.due) < now
  return t('turnLineBy', { who, due: t(late ? 'turnLate' : 'turnByDay', { when: when(row.due) }) })
}

/** A person with the speciality, or the speciality alone, which within a sentence is written small. */
export function whose({ turn_of, turn_unit, state, speciality }: TeleconsultRowView) {
  if (state === 'requested') return (turn_of ?? speciality).toLocaleLowerCase('it')
  return turn_unit ? `${turn_of ?? ''} (${turn_unit})` : (turn_of ?? '')
}
