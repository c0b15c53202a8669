/** The draft of an answer: the three lines that open it, and the reasons. */
import { useCallback } from 'react'
import { call } from '../ipc/call'
import type { AnswerOpening } from '../ipc/generated/AnswerOpening'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useTyped } from './typed'

/** What is typed: the three lines and the reasons. */
type Written = { text: string; opening: AnswerOpening }

const BLANK: Written = { text: '', opening: { what: '', by_when: '', worry: '', control_visit: false } }

/** The lines of the opening, in the order in which they are written and read. */
export const LINES = ['what', 'by_when', 'worry'] as const

/** The first line that is empty, in words of the catalogue; none when all three are written. */
export const lacking = ({ opening }: Written) => LINES.find((line) => opening[line].trim() === '') ?? null

export function useAnswer({ row: { id }, answer_draft, answer_opening }: TeleconsultView) {
  const {
    change: put,
    sent,
    ...typed
  } = useTyped<Written>(
    id,
    { text: answer_draft, opening: answer_opening },
    {
      save: (now) => call('teleconsult_answer_save', { teleconsult_id: id, ...now }),
      within: (view, { text, opening }) => ({ ...view, answer_draft: text, answer_opening: opening }),
    },
  )
  const { opening } = typed.written
  const change = (part: { text?: string; opening?: Partial<AnswerOpening> }) =>
    put({
      ...(part.text === undefined ? {} : { text: part.text }),
      ...(part.opening ? { opening: { ...opening, ...part.opening } } : {}),
    })
  return { ...typed, change, sent: useCallback(() => sent(BLANK), [sent]) }
}
