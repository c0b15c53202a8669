import { type ComponentType, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName, moveBetweenRows } from '../design'
import { useView } from '../ipc/query'
import { StationCard } from '../station/StationCard'
import { CardLock } from './CardLock'
import { Devices } from './Devices'
import { Keyboard } from './Keyboard'
import { RegionAddress } from './RegionAddress'
import { Register } from './Register'
import { Signing } from './Signing'
import './settings.css'

const SECTIONS = {
  station: { icon: 'settings', screen: Station },
  devices: { icon: 'video', screen: Devices },
  signing: { icon: 'file-signed', screen: Signing },
  region: { icon: 'link', screen: RegionAddress },
  keyboard: { icon: 'help-circle', screen: Keyboard },
  register: { icon: 'key', screen: Register },
} as const satisfies Record<string, { icon: IconName; screen: ComponentType }>

type Section = keyof typeof SECTIONS
const IDS = Object.keys(SECTIONS) as Section[]

/** *Impostazioni*: the PC, its devices, the region, the keys, and the register of accesses. */
export function Settings() {
  const { t } = useTranslation('settings')
  const station = useView('station_state', [])
  const [section, setSection] = useState<Section>('station')
  const Screen = SECTIONS[section].screen
  return (
    <div className="settings" data-testid="settings">
      <nav className="settings-list" aria-label={t('title')} data-pane="list" onKeyDown={moveBetweenRows}>
        <div className="pane-head">
          <h1>{t('title')}</h1>
        </div>
        <ul>
          {IDS.map((id) => (
            <li key={id}>
              <button
                type="button"
                data-row
                className={section === id ? 'is-on' : undefined}
                aria-current={section === id ? 'true' : undefined}
                data-testid={`settings-${id}`}
                onClick={() => setSection(id)}
              >
                <Icon name={SECTIONS[id].icon} />
                <span className="grow">
                  <b>{t(id)}</b>
                  <span className="t-xs mut settings-hint">{t(`${id}Hint`)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
        {station.data ? (
          <p className="t-xs mut settings-version">{t('version', { version: station.data.version })}</p>
        ) : null}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll pad settings-page" data-pane="detail" aria-label={t(section)} tabIndex={0}>
        <Screen />
      </section>
    </div>
  )
}

function Station() {
  const station = useView('station_state', [])
  return (
    <div className="text stack">
      <StationCard check={station.data?.check ?? null} />
      <CardLock />
    </div>
  )
}
