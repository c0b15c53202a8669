/**
 * The text of an answer while it is typed: saved shortly after the last keystroke and before the screen is covered, one save
 * at a time. *Salvato* is said only after the core's answer.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { registerFlush } from '../app/flush'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { AnswerOpening } from '../ipc/generated/AnswerOpening'
import type { Failure } from '../ipc/generated/Failure'

const PAUSE_MS = 350

/** What is typed: the three lines and the reasons. */
type Written = { text: string; opening: AnswerOpening }

/** The lines of the opening, in the order in which they are written and read. */
export const LINES = ['what', 'by_when', 'worry'] as const

/** The first line that is empty, in words of the catalogue; none when all three are written. */
export const lacking = ({ opening }: Written) => LINES.find((line) => opening[line].trim() === '') ?? null

export function useAnswer(teleconsultId: string, begun: Written, kept: boolean) {
  const [written, setWritten] = useState(begun)
  const [savedAt, setSavedAt] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const typed = useRef(begun)
  const stored = useRef(begun)
  const done = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const chain = useRef<Promise<void>>(Promise.resolve())
  const alive = useRef(true)

  const flush = useCallback((): Promise<void> => {
    clearTimeout(timer.current)
    chain.current = chain.current.then(async () => {
      const now = typed.current
      if (!kept || done.current || now === stored.current) return
      if (alive.current) setSaving(true)
      try {
        await call('teleconsult_answer_save', { teleconsult_id: teleconsultId, ...now })
        stored.current = now
        if (alive.current) {
          setSavedAt(new Date().toISOString())
          setFailure(null)
        }
      } catch (refusal) {
        if (alive.current) setFailure(toFailure(refusal))
      } finally {
        if (alive.current) setSaving(false)
      }
    })
    return chain.current
  }, [teleconsultId, kept])

  const change = useCallback(
    (part: { text?: string; opening?: Partial<AnswerOpening> }) => {
      const before = typed.current
      typed.current = { text: part.text ?? before.text, opening: { ...before.opening, ...part.opening } }
      setWritten(typed.current)
      clearTimeout(timer.current)
      if (kept) timer.current = setTimeout(() => void flush(), PAUSE_MS)
    },
    [flush, kept],
  )

  useEffect(() => {
    alive.current = true
    const forget = registerFlush(flush)
    return () => {
      alive.current = false
      forget()
      void flush()
    }
  }, [flush])

  /** Sent: what was typed is no draft any more. */
  const sent = useCallback(() => {
    done.current = true
  }, [])

  return { written, change, flush, sent, savedAt, saving, failure }
}
