/** The rows of a day in the order in which they ask for attention. */
import type { AgendaDayView } from '../ipc/generated/AgendaDayView'
import type { AgendaRowView } from '../ipc/generated/AgendaRowView'
import type { TelevisitStage } from '../ipc/generated/TelevisitStage'

export type Filter = 'all' | 'waiting' | 'to_report' | 'closed'
export type GroupId = 'late' | 'inCall' | 'waiting' | 'next' | 'toReport' | 'delivering' | 'closed'
export type Group = { id: GroupId; rows: AgendaRowView[] }

const CLOSED: TelevisitStage[] = ['done', 'not_held', 'refused']

const MATCHES: Record<Filter, (row: AgendaRowView) => boolean> = {
  all: () => true,
  waiting: ({ stage }) => stage === 'waiting' || stage === 'in_call',
  to_report: ({ stage }) => stage === 'to_report',
  closed: ({ stage }) => CLOSED.includes(stage) || stage === 'delivering',
}

export const countOf = (view: AgendaDayView, filter: Filter) =>
  [...view.overdue, ...view.rows].filter(MATCHES[filter]).length

export function groupsOf(view: AgendaDayView, filter: Filter): Group[] {
  const matches = MATCHES[filter]
  const rows = view.rows.filter(matches)
  const of = (...stages: TelevisitStage[]) => rows.filter(({ stage }) => stages.includes(stage))
  const groups: Group[] = [
    { id: 'late', rows: view.overdue.filter(matches) },
    { id: 'inCall', rows: of('in_call') },
    { id: 'waiting', rows: of('waiting') },
    { id: 'next', rows: of('booked') },
    { id: 'toReport', rows: of('to_report') },
    { id: 'delivering', rows: of('delivering') },
    { id: 'closed', rows: of(...CLOSED) },
  ]
  return groups.filter(({ rows: inside }) => inside.length > 0)
}
