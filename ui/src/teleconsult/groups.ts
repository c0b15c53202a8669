/** The cases in the order in which they ask for attention. Within a group the core's order stands: that of the clocks. */
import type { TeleconsultRowView } from '../ipc/generated/TeleconsultRowView'
import { isPressing } from './due'

export type Filter = 'mine' | 'waiting' | 'over'
export type GroupId = 'Fix' | 'Late' | 'Next' | 'See' | 'Asked' | 'Drafts' | 'Queue' | 'Waiting' | 'Over'
export type Group = { id: GroupId; rows: TeleconsultRowView[] }
type Row = TeleconsultRowView

const isOver = (row: Row) => row.state === 'acknowledged'

/** Something written here was refused or met another version: only its author can say what becomes of it. */
const isToFix = ({ queue }: Row) => queue === 'conflict' || queue === 'to_correct'

export function matches(row: Row, filter: Filter) {
  if (isToFix(row)) return filter === 'mine'
  if (filter === 'over') return isOver(row)
  if (isOver(row)) return false
  return (filter === 'mine') === row.my_turn
}

const MINE: [GroupId, (row: Row) => boolean][] = [
  ['Fix', isToFix],
  ['Drafts', ({ state }) => state === 'draft'],
  ['See', ({ state }) => state === 'answered'],
  ['Asked', ({ state }) => state === 'needs_information'],
  ['Late', (row) => isPressing(row)],
  ['Next', () => true],
]
const SHOWN: GroupId[] = ['Fix', 'Late', 'Next', 'See', 'Asked', 'Drafts', 'Queue', 'Waiting', 'Over']

export function groupsOf(rows: Row[], filter: Filter): Group[] {
  const shown = rows.filter((row) => matches(row, filter))
  if (filter === 'over') return part([['Over', () => true]], shown)
  if (filter === 'waiting')
    return part(
      [
        ['Queue', ({ queue, state }) => queue !== null || state === 'queued'],
        ['Waiting', () => true],
      ],
      shown,
    )
  return part(MINE, shown)
}

/** *Oggi* of who asks: what needs them, and what has not left yet. */
export function pendingOf(rows: Row[]): Group[] {
  const mine = groupsOf(rows, 'mine')
  const queued = groupsOf(rows, 'waiting').filter(({ id }) => id === 'Queue')
  return [...mine, ...queued]
}

/** Each row goes to the first group that takes it. */
function part(rules: [GroupId, (row: Row) => boolean][], rows: Row[]): Group[] {
  const groups = new Map<GroupId, Row[]>()
  for (const row of rows) {
    const id = rules.find(([, takes]) => takes(row))?.[0]
    if (id) groups.set(id, [...(groups.get(id) ?? []), row])
  }
  return SHOWN.flatMap((id) => {
    const inside = groups.get(id)
    return inside ? [{ id, rows: inside }] : []
  })
}
