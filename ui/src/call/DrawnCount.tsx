import { useEffect, useState } from 'react'
import { drawnCount, startCounting } from './drawn'

/** For the demonstration: how many pictures were drawn and read back. Training editions only. */
export function DrawnCount() {
  const [count, setCount] = useState(drawnCount)
  useEffect(() => {
    startCounting()
    const timer = setInterval(() => setCount(drawnCount()), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <output data-testid="drawn-count" hidden>
      {count}
    </output>
  )
}
