// Where one looks: the scene is moved and scaled in its <svg>; wheel, drag, pinch.

const NEAREST = 3, FARTHEST = 0.02;

class Camera {
  constructor(stage, scene, moved) {
    Object.assign(this, { stage, scene, moved, x: 0, y: 0, k: 1, size: [1, 1], pointers: new Map() });
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) {
      stage.addEventListener(name, (event) => this.up(event));
    }
  }

  get room() {
    const { width, height } = this.stage.getBoundingClientRect();
    return [width || 1, height || 1];
  }

  apply() {
    this.scene.setAttribute("transform", `translate(${fixed(this.x)} ${fixed(this.y)}) scale(${this.k})`);
    this.moved();
  }

  // All of it; or no smaller than `least`, from the top, with `middle` in the middle.
  fit(least = 0, middle = this.size[0] / 2) {
    const [width, height] = this.room, [w, h] = this.size, pad = 28;
    const all = Math.min((width - 2 * pad) / w, (height - 2 * pad) / h, 1.1);
    this.k = Math.max(all, least, FARTHEST);
    this.x = w * this.k < width ? (width - w * this.k) / 2 : width / 2 - middle * this.k;
    this.y = Math.max((height - h * this.k) / 2, pad);
    this.apply();
  }

  zoom(factor, x = this.room[0] / 2, y = this.room[1] / 2) {
    const k = Math.min(Math.max(this.k * factor, FARTHEST), NEAREST);
    this.x = x - ((x - this.x) * k) / this.k;
    this.y = y - ((y - this.y) * k) / this.k;
    this.k = k;
    this.apply();
  }

  // Whether the middle of the top of a place can be seen.
  sees({ x, y, w }) {
    const [width, height] = this.room;
    const [left, top] = [(x + w / 2) * this.k + this.x, y * this.k + this.y];
    return left > 0 && left < width && top > -20 && top < height - 20;
  }

  // Move as little as brings a place of the scene in sight; to the middle if it was out of it.
  show({ x, y, w, h }) {
    const [width, height] = this.room, pad = 24;
    const left = x * this.k + this.x, top = y * this.k + this.y;
    const isSeen = left >= pad && top >= pad && left + w * this.k <= width - pad && top + h * this.k <= height - pad;
    if (isSeen) return;
    if (this.k < 0.6) this.k = Math.min(0.9, (width - 2 * pad) / w);
    this.x = width / 2 - (x + w / 2) * this.k;
    this.y = h * this.k > height ? pad - y * this.k : height / 2 - (y + h / 2) * this.k;
    this.apply();
  }

  wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 18 : 1;
    const { left, top } = this.stage.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      const turned = Math.max(-60, Math.min(60, event.deltaY * unit));
      this.zoom(Math.exp(-turned * 0.008), event.clientX - left, event.clientY - top);
      return;
    }
    const [dx, dy] = event.shiftKey && !event.deltaX ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    this.x -= dx * unit;
    this.y -= dy * unit;
    this.keep();
    this.apply();
  }

  // Some of the scene stays in sight.
  keep() {
    const [width, height] = this.room, [w, h] = this.size, least = 60;
    this.x = Math.min(Math.max(this.x, least - w * this.k), width - least);
    this.y = Math.min(Math.max(this.y, least - h * this.k), height - least);
  }

  down(event) {
    if (event.button) return;
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 1) this.dragged = false;
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    if (!this.dragged && Math.hypot(dx, dy) < 4) return;
    if (!this.dragged) this.stage.setPointerCapture(event.pointerId);
    this.dragged = true;
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (others.length) {
      const [x, y] = others[0][1], { left, top } = this.stage.getBoundingClientRect();
      const far = Math.hypot(event.clientX - x, event.clientY - y);
      const was = Math.hypot(before[0] - x, before[1] - y);
      this.zoom(far / Math.max(was, 1), (event.clientX + x) / 2 - left, (event.clientY + y) / 2 - top);
      return;
    }
    this.x += dx;
    this.y += dy;
    this.keep();
    this.apply();
  }

  up(event) {
    this.pointers.delete(event.pointerId);
  }
}
