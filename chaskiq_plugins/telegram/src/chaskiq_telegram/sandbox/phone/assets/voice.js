// Records voice messages where there is a microphone: one click starts, the next one sends.

import { toast } from "./menus.js";

const TYPES = ["audio/ogg;codecs=opus", "audio/mp4", "audio/webm;codecs=opus"];
const EXTENSIONS = { "audio/ogg": "oga", "audio/mp4": "m4a", "audio/webm": "webm" };

export async function canRecord() {
  if (!window.MediaRecorder || !navigator.mediaDevices?.enumerateDevices) return false;
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return devices.some((device) => device.kind === "audioinput");
}

export class Recording {
  constructor(button, onDone) {
    this.button = button;
    this.onDone = onDone;
    this.recorder = null;
    button.addEventListener("click", () => (this.recorder ? this.recorder.stop() : this.start()));
  }

  async start() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
      const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
      const pieces = [];
      const startedAt = performance.now();
      recorder.ondataavailable = (event) => pieces.push(event.data);
      recorder.onstop = () => {
        stream.getTracks().forEach((track) => track.stop());
        this.show(false);
        const type = (recorder.mimeType || "audio/webm").split(";")[0];
        const file = new File(pieces, `voice.${EXTENSIONS[type] || "webm"}`, { type });
        this.onDone(file, Math.max(1, Math.round((performance.now() - startedAt) / 1000)));
      };
      recorder.start();
      this.show(true, recorder);
    } catch {
      toast("The microphone can't be used");
    }
  }

  show(isRecording, recorder = null) {
    this.recorder = recorder;
    this.button.classList.toggle("recording", isRecording);
    this.button.setAttribute("aria-label", isRecording ? "Stop and send voice" : "Record voice");
  }
}
