package com.intellij.openapi.components

import com.intellij.openapi.project.Project

@Target(AnnotationTarget.CLASS)
annotation class Service(vararg val value: Level) {
    enum class Level { APP, PROJECT }
}

inline fun <reified T : Any> service(): T = throw NotImplementedError(T::class.java.name)

inline fun <reified T : Any> Project.service(): T = throw NotImplementedError(T::class.java.name)
