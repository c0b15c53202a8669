/**
 * The call of the mock host: devices, preview, microphone and camera, chat, the still image. The pictures that move are in
 * `film.ts`; what begins a call and what ends it with an outcome is in `televisit.ts`.
 */
import type { CallView } from '../generated/CallView'
import { type HandlersOf, now, refuse, visitOf, type World } from './world'

export const newCall = (televisit: string | null): CallView => ({
  televisit_id: televisit,
  phase: { phase: 'connecting' },
  started_at: null,
  quality: 'good',
  microphone_on: true,
  camera_on: true,
  synthetic: false,
  remote_audio: true,
  remote_video: true,
  patient_present: true,
  level_dbfs: -22,
  chat: [],
  image_acquired_at: null,
  phone: null,
})

export const tellCall = ({ inside, emit }: World) =>
  setTimeout(() => inside.call && emit('call', structuredClone(inside.call)))

export function calls(world: World): HandlersOf<'call_'> {
  const { inside } = world
  const requireCall = () => inside.call ?? refuse('no_call', 'call/none')

  return {
    call_devices: () => ({
      cameras: [
        { id: 'logi', name: 'Camera USB', synthetic: false },
        { id: 'synthetic', name: 'Immagine di prova', synthetic: true },
      ],
      microphones: [
        { id: 'usb', name: 'Microfono USB', synthetic: false },
        { id: 'synthetic-sound', name: 'Suono di prova', synthetic: true },
      ],
    }),
    call_preview_start: ({ camera }) => {
      inside.call = { ...newCall(null), synthetic: camera === 'synthetic' }
      tellCall(world)
      return inside.call
    },
    call_preview_stop: () => {
      if (inside.call?.televisit_id === null) inside.call = null
      return null
    },
    call_frames_drawn: () => null,
    call_microphone: ({ on }) => {
      requireCall().microphone_on = on
      tellCall(world)
      return requireCall()
    },
    call_camera: ({ on }) => {
      requireCall().camera_on = on
      tellCall(world)
      return requireCall()
    },
    call_chat: ({ text }) => {
      const call = requireCall()
      call.chat.push({ id: `mine-${call.chat.length}`, at: now(), mine: true, text, received: true })
      tellCall(world)
      return call
    },
    call_capture_image: () => {
      const call = requireCall()
      if (!call.televisit_id || !visitOf(world, call.televisit_id).view.consent?.to_image)
        refuse('image_consent_missing', 'call/consent')
      call.image_acquired_at = now()
      tellCall(world)
      world.changed('report')
      return { at: now(), width: 640, height: 360 }
    },
    call_hang_up: () => {
      const call = requireCall()
      call.phase = { phase: 'ended' }
      return call
    },
    call_state: () => inside.call ?? { ...newCall(null), phase: { phase: 'ended' } },
    call_counters: () => ({
      seconds: 0,
      video_sent: 0,
      video_received: 0,
      video_decoded: 0,
      audio_packets_sent: 0,
      audio_packets_received: 0,
      audio_level_dbfs: -90,
      first_picture_ms: null,
      chat_received: 0,
    }),
  }
}
