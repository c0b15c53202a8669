/**
 * A request while it is typed. A change is saved shortly after the last keystroke; saves, files and the sending go one at a
 * time, each on the revision that the one before returned. *Salvato* is said only after the core's answer.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { registerFlush } from '../../app/flush'
import { call } from '../../ipc/call'
import { toFailure } from '../../ipc/failure'
import type { AttachmentView } from '../../ipc/generated/AttachmentView'
import type { DraftVersionView } from '../../ipc/generated/DraftVersionView'
import type { Failure } from '../../ipc/generated/Failure'
import type { TeleconsultDraftView } from '../../ipc/generated/TeleconsultDraftView'
import type { TeleconsultForm } from '../../ipc/generated/TeleconsultForm'
import type { TeleconsultView } from '../../ipc/generated/TeleconsultView'
import type { TemplateItemView } from '../../ipc/generated/TemplateItemView'
import { keyOf } from '../../ipc/query'

const PAUSE_MS = 350

export type RequestDraft = {
  id: string
  form: TeleconsultForm
  savedAt: string | null
  missing: string[]
  /** What the chosen speciality wants to know, and which wanted items are empty. */
  template: TemplateItemView[]
  unsaid: string[]
  otherVersion: DraftVersionView | null
  attachments: AttachmentView[]
  saving: boolean
  failure: Failure | null
  change: (change: Partial<TeleconsultForm>) => void
  flush: () => Promise<void>
  attach: () => Promise<void>
  detach: (attachmentId: string) => Promise<void>
  send: () => Promise<TeleconsultView | null>
  /** Which of two versions goes on. */
  settle: (takeOther: boolean) => Promise<void>
}

export function useRequestDraft(opened: TeleconsultDraftView): RequestDraft {
  const client = useQueryClient()
  const [form, setForm] = useState(opened.form)
  const [kept, setKept] = useState(opened)
  const [saving, setSaving] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const typed = useRef(opened.form)
  const stored = useRef(opened.form)
  const revision = useRef(opened.revision)
  const sent = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const chain = useRef<Promise<unknown>>(Promise.resolve())
  const alive = useRef(true)
  const { id } = opened

  const take = useCallback(
    (view: TeleconsultDraftView) => {
      revision.current = view.revision
      client.setQueryData(keyOf('teleconsult_draft_open', { patient_id: view.patient.id }), {
        ...view,
        form: typed.current,
      })
      if (alive.current) setKept(view)
    },
    [client],
  )

  /** Another window saved: what was typed here is kept beside what stands, and both are shown. */
  const lookAgain = useCallback(async () => {
    try {
      const view = await call('teleconsult_draft_open', { patient_id: opened.patient.id })
      stored.current = typed.current
      take(view)
    } catch {
      // The refusal itself is what the person sees.
    }
  }, [take, opened.patient.id])

  /** One after the other, whatever is pressed meanwhile. */
  const inTurn = useCallback(
    <T>(work: () => Promise<T>): Promise<T | null> => {
      const next = chain.current.then(async () => {
        try {
          const answer = await work()
          if (alive.current) setFailure(null)
          return answer
        } catch (refusal) {
          const failed = toFailure(refusal)
          if (failed.code === 'conflict') await lookAgain()
          if (alive.current) setFailure(failed)
          return null
        }
      })
      chain.current = next
      return next
    },
    [lookAgain],
  )

  const save = useCallback(async () => {
    const now = typed.current
    if (sent.current || now === stored.current) return
    if (alive.current) setSaving(true)
    try {
      const view = await call('teleconsult_draft_save', { teleconsult_id: id, revision: revision.current, form: now })
      stored.current = now
      take(view)
    } finally {
      if (alive.current) setSaving(false)
    }
  }, [id, take])

  const flush = useCallback(async () => {
    clearTimeout(timer.current)
    await inTurn(save)
  }, [inTurn, save])

  const change = useCallback(
    (part: Partial<TeleconsultForm>) => {
      typed.current = { ...typed.current, ...part }
      setForm(typed.current)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void flush(), PAUSE_MS)
    },
    [flush],
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

  const withSaved = useCallback(
    async (work: () => Promise<TeleconsultDraftView>) => {
      clearTimeout(timer.current)
      await inTurn(async () => {
        await save()
        take(await work())
      })
    },
    [inTurn, save, take],
  )

  const send = useCallback(() => {
    clearTimeout(timer.current)
    return inTurn(async () => {
      await save()
      const view = await call('teleconsult_send', { teleconsult_id: id })
      sent.current = true
      client.removeQueries({ queryKey: keyOf('teleconsult_draft_open', { patient_id: opened.patient.id }) })
      return view
    })
  }, [inTurn, save, id, client, opened.patient.id])

  const settle = useCallback(
    async (take_other: boolean) => {
      clearTimeout(timer.current)
      await inTurn(async () => {
        // What stands is asked for again: the choice is made on it, not on what this window remembers.
        const stands = await call('teleconsult_draft_open', { patient_id: opened.patient.id })
        const view = await call('teleconsult_draft_settle', {
          teleconsult_id: id,
          revision: stands.revision,
          take_other,
        })
        typed.current = view.form
        stored.current = view.form
        setForm(view.form)
        take(view)
      })
    },
    [inTurn, take, id, opened.patient.id],
  )

  return {
    id,
    form,
    savedAt: kept.saved_at,
    missing: kept.missing,
    template: kept.template,
    unsaid: kept.unsaid,
    otherVersion: kept.other_version,
    attachments: kept.attachments,
    saving,
    failure,
    change,
    flush,
    attach: () => withSaved(() => call('teleconsult_attach', { teleconsult_id: id, path: null })),
    detach: (attachment_id) => withSaved(() => call('teleconsult_detach', { teleconsult_id: id, attachment_id })),
    send,
    settle,
  }
}
