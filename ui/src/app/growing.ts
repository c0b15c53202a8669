/** How many rows of a long list are asked for: more as one goes down, the first ones of each thing that is looked for; the list that one came from is as it was left. */
import { useState } from 'react'

const STEP = 60

export function useGrowing(lookedFor: string) {
  const [asked, setAsked] = useState({ lookedFor, shown: STEP })
  const shown = asked.lookedFor === lookedFor ? asked.shown : STEP
  const more = (known: number) => {
    // Rows on their way are not asked for twice.
    if (known >= shown) setAsked({ lookedFor, shown: shown + STEP * 2 })
  }
  return { shown, more }
}
