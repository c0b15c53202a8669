/** The board: which column, in what order, what can come next. The core refuses what is not allowed; here it is not offered. */
import type { TransitionCardView } from '../ipc/generated/TransitionCardView'
import type { TransitionOwnerFilter } from '../ipc/generated/TransitionOwnerFilter'
import type { TransitionState } from '../ipc/generated/TransitionState'

export type Filter = TransitionOwnerFilter
export type Age = 'any' | '1' | '3' | '7'
export type Column = Exclude<TransitionState, 'closed'>

export const COLUMNS: Column[] = ['referred', 'assessment', 'protected_discharge', 'territory_confirmation']

export const takes = (card: TransitionCardView, filter: Filter) =>
  filter === 'mine'
    ? card.mine
    : filter === 'free'
      ? card.owner === null
      : filter === 'late'
        ? card.urgency === 'late'
        : true

/** The next states of a case, the usual one first. Out of hospital there is no discharge to protect. */
export function movesOf({ state, origin }: TransitionCardView): TransitionState[] {
  switch (state) {
    case 'assessment':
      return origin === 'ward' || origin === 'emergency_room'
        ? ['protected_discharge']
        : ['territory_confirmation', 'protected_discharge']
    case 'protected_discharge':
      return ['territory_confirmation']
    case 'territory_confirmation':
      return ['closed']
    default:
      return []
  }
}

export const toCallBack = (cards: TransitionCardView[]) =>
  cards
    .filter((card): card is TransitionCardView & { call_back_at: string } => card.call_back_at !== null)
    .sort((a, b) => a.call_back_at.localeCompare(b.call_back_at))
