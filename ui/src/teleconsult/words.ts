/** The draft of a message other than the answer: a question back, a reply, an involvement, an opinion, remarks. */
import { useCallback } from 'react'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import type { WordsKind } from '../ipc/generated/WordsKind'
import type { WordsView } from '../ipc/generated/WordsView'
import { useTyped } from './typed'

const blank = (kind: WordsKind): WordsView => ({ kind, text: '', disagrees: false, role: '' })

export function useWords({ row: { id }, begun }: TeleconsultView, kind: WordsKind) {
  const { sent, ...typed } = useTyped<WordsView>(id, begun.find((words) => words.kind === kind) ?? blank(kind), {
    save: (words) => call('teleconsult_words_save', { teleconsult_id: id, words }),
    within: (view, words) => ({ ...view, begun: [...view.begun.filter((other) => other.kind !== kind), words] }),
  })
  return { ...typed, sent: useCallback(() => sent(blank(kind)), [sent, kind]) }
}
